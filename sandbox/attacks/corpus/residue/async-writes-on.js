// Goes on writing on the console after its event is over.
// expect: no residue
if (payload.first) {
  (async () => { for (let i = 0; i < 99; i++) { await null; console.log("left") } })();
} else {
  console.log("mine");
}
