/* The notification sound: two notes, synthesised with Web Audio. */

const PITCHES = [660, 880]; // hertz
const APART = 0.16; // seconds, as all times here
const LENGTH = 0.4;
const SILENT = 0.0001;
let audio;

export function chime() {
  audio ??= new AudioContext();
  audio.resume();
  for (const [place, pitch] of PITCHES.entries()) play(pitch, audio.currentTime + place * APART);
}

function play(pitch, start) {
  const [note, loud] = [audio.createOscillator(), audio.createGain()];
  note.frequency.value = pitch;
  loud.gain.setValueAtTime(SILENT, start);
  loud.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
  loud.gain.exponentialRampToValueAtTime(SILENT, start + LENGTH);
  note.connect(loud).connect(audio.destination);
  note.start(start);
  note.stop(start + LENGTH + 0.02);
}
