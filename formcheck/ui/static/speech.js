// Spoken counts and cues, by the browser; one cue at a time.

function makeVoice() {
  const able = "speechSynthesis" in window;
  let muted = false;
  try { muted = localStorage.getItem("formcheck-muted") === "1"; } catch { /* private window */ }
  const speak = (parts) => {
    if (!able || muted) return;
    if (/^\d+$/.test(parts[0])) speechSynthesis.cancel(); // a count does not wait for a cue
    for (const text of parts) {
      const words = new SpeechSynthesisUtterance(text);
      words.lang = "en";
      words.rate = 1.05;
      speechSynthesis.speak(words);
    }
  };
  return {
    able, speak, muted: () => muted,
    mute(value) {
      muted = value;
      if (able && muted) speechSynthesis.cancel();
      try { localStorage.setItem("formcheck-muted", muted ? "1" : "0"); } catch { /* private window */ }
    },
  };
}
