// What can be worked out without camera or sound.

const BONES = [[11, 13], [13, 15], [12, 14], [14, 16], [11, 12], [23, 24], [11, 23], [12, 24],
  [23, 25], [25, 27], [24, 26], [26, 28], [27, 29], [29, 31], [27, 31], [28, 30], [30, 32], [28, 32]];
const SURE_ENOUGH = 0.3;

/** Size to send: the larger side at most `most`, even numbers.
 * @param {number} width @param {number} height @param {number} most @returns {[number, number]} */
function sendSize(width, height, most) {
  const scale = Math.min(1, most / Math.max(width, height, 1));
  return [Math.max(2, 2 * Math.round(width * scale / 2)), Math.max(2, 2 * Math.round(height * scale / 2))];
}

/** A frame as a message: eight bytes of time (float64, little endian), then the JPEG.
 * @param {number} t @param {ArrayBuffer} jpeg @returns {Uint8Array} */
function packFrame(t, jpeg) {
  const message = new Uint8Array(8 + jpeg.byteLength);
  new DataView(message.buffer).setFloat64(0, t, true);
  message.set(new Uint8Array(jpeg), 8);
  return message;
}

/** @typedef {{exercise: string | null, reps: number, told: number, cue: string, cueAt: number}} Said */

/** @returns {Said} */
function nothingSaid() {
  return { exercise: null, reps: 0, told: 0, cue: "", cueAt: -9 };
}

/** What to say aloud after an answer: the number of a new rep, and the cue of a rep that is judged,
 * the same cue not within three reps. An exercise that is taken for another one after all is counted
 * anew, and from there on aloud.
 * @param {Said} said what was said so far
 * @param {{exercise: string | null, reps: number, last: {n: number, say: string} | null}} set
 * @returns {{say: string[], said: Said}} */
function toSay(said, set) {
  const say = [], next = { ...said };
  if (set.exercise && set.exercise !== said.exercise) {
    const told = set.last ? set.last.n : 0;
    if (said.exercise) {
      Object.assign(next, { reps: Math.min(said.reps, set.reps), told: Math.min(said.told, told), cue: "" });
    }
    next.exercise = set.exercise;
  }
  if (set.reps > next.reps) {
    say.push(String(set.reps));
    next.reps = set.reps;
  }
  if (set.last && set.last.n > next.told) {
    next.told = set.last.n;
    const cue = set.last.say;
    if (cue && (cue !== next.cue || set.last.n - next.cueAt >= 3)) {
      say.push(cue);
      Object.assign(next, { cue, cueAt: set.last.n });
    }
  }
  return { say, said: next };
}

/** The first of the container formats that this browser can record. With avc3 (and webm) pictures
 * may change their size in the middle, with avc1 what comes after a phone is turned is lost.
 * @param {(type: string) => boolean} supported @returns {string} */
function recordingType(supported) {
  const types = ["video/mp4;codecs=avc3", "video/mp4;codecs=avc1", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
  return types.find(supported) || "";
}

/** What a recording is called: "set 2026-05-06 18.30.webm".
 * @param {string} type @param {Date} when @returns {string} */
function recordingName(type, when) {
  const minute = when.toLocaleString("sv").slice(0, 16).replace(":", ".");
  return `set ${minute}.${type.includes("mp4") ? "mp4" : "webm"}`;
}
