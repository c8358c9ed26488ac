// Leaves a TextDecoder in the middle of a character.
// expect: no residue
if (payload.first) {
  new TextDecoder().decode(Uint8Array.of(0xe2, 0x82), {stream: true})
} else {
  return new TextDecoder().decode(Uint8Array.of(0xac))
}
