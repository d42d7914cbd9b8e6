// The camera: preview, frames to the server, recording.

const SEND_SIDE = 640, QUALITY = 0.7, IN_FLIGHT = 2, GAP_MS = 27;
const RECORDED_BPS = 4_500_000; // half an hour stays below what a recording may have, 1 GB
const BUSY = 1013;
const WAIT_MS = 10_000; // a hidden page has no frames to send: it says that it is still there

function cameraProblem() {
  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) return "";
  return "Browsers give no camera to a plain http address of another machine. Open the page on the "
    + "machine that runs it (127.0.0.1), or serve it with HTTPS: see “Record from a phone” in docs/page.md.";
}

async function openCamera(facing) {
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
  });
}

/** Sends the newest frame whenever fewer than two are on their way; answers come to `heard`. Of what
 * is wished before the connection stands, the last is sent when it does: `first`, if nothing else. */
function makeLink(video, heard, lost, first) {
  const place = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/formcheck/live`;
  const socket = new WebSocket(place);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { alpha: false });
  const stats = { sent: 0, answered: 0, trips: [] };
  let flying = 0, alive = true, last = 0, packing = false, waiting = first;
  const sentAt = new Map();

  const send = () => {
    if (!alive) return;
    requestAnimationFrame(send);
    const now = performance.now();
    if (packing || flying >= IN_FLIGHT || now - last < GAP_MS) return;
    if (socket.readyState !== WebSocket.OPEN || video.readyState < 2 || document.hidden) return;
    const [width, height] = sendSize(video.videoWidth, video.videoHeight, SEND_SIDE);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.drawImage(video, 0, 0, width, height);
    last = now;
    packing = true;
    canvas.toBlob(async (blob) => {
      const jpeg = blob && await blob.arrayBuffer();
      packing = false;
      if (!jpeg || !alive || socket.readyState !== WebSocket.OPEN) return;
      socket.send(packFrame(now / 1000, jpeg));
      sentAt.set(now / 1000, now);
      flying += 1;
      stats.sent += 1;
    }, "image/jpeg", QUALITY);
  };
  socket.addEventListener("message", (event) => {
    const answer = JSON.parse(event.data);
    if (answer.dropped || answer.t !== undefined) flying = Math.max(0, flying - 1);
    if (answer.t !== undefined) {
      stats.answered += 1;
      stats.trips.push(performance.now() - (sentAt.get(answer.t) || 0));
      if (stats.trips.length > 600) stats.trips.shift();
      for (const t of sentAt.keys()) if (t <= answer.t) sentAt.delete(t);
    }
    if (!answer.dropped) heard(answer);
  });
  const wish = (wanted) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wanted));
    else waiting = wanted;
  };
  const waits = setInterval(() => {
    if (document.hidden && socket.readyState === WebSocket.OPEN) wish({ do: "wait" });
  }, WAIT_MS);
  socket.addEventListener("open", () => wish(waiting));
  socket.addEventListener("close", (event) => { if (alive) lost(event.code); });
  requestAnimationFrame(send);
  return {
    stats, wish,
    close: () => { alive = false; clearInterval(waits); socket.close(); },
  };
}

/** Records until stopped; gives the clip. */
function makeRecorder(stream) {
  const type = recordingType((t) => MediaRecorder.isTypeSupported(t));
  const recorder = new MediaRecorder(stream, { ...(type && { mimeType: type }), videoBitsPerSecond: RECORDED_BPS });
  const parts = [];
  recorder.addEventListener("dataavailable", (event) => { if (event.data.size) parts.push(event.data); });
  recorder.start(1000);
  const clip = () => new Blob(parts, { type: recorder.mimeType });
  return () => new Promise((resolve) => {
    if (recorder.state === "inactive") { resolve(clip()); return; } // the camera was taken away
    recorder.addEventListener("stop", () => resolve(clip()));
    recorder.stop();
  });
}

/** Send a recording; gives the id of its set. */
async function keepRecording(blob, name, exercise, model) {
  const query = new URLSearchParams({ exercise, model, name });
  const answer = await fetch(`/formcheck/recordings?${query}`, { method: "POST", body: blob })
    .catch(() => { throw new Error("FormCheck does not answer"); });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).set;
}

/** Let the browser save a recording as a file. */
function saveAs(blob, name) {
  const place = URL.createObjectURL(blob);
  el("a", { href: place, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(place), 60_000);
}

/** Draw the skeleton over the preview. */
function drawPose(canvas, pose, video) {
  const [width, height] = [video.videoWidth, video.videoHeight];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  if (!pose) return;
  const line = Math.max(width, height) / 160;
  for (const [colour, wide] of [["#0c1016", line * 1.8], ["#56b4e9", line]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.lineCap = "round";
    pen.beginPath();
    for (const [a, b] of BONES) {
      if (Math.min(pose[a][2], pose[b][2]) < SURE_ENOUGH) continue;
      pen.moveTo(pose[a][0] * width, pose[a][1] * height);
      pen.lineTo(pose[b][0] * width, pose[b][1] * height);
    }
    pen.stroke();
  }
}
