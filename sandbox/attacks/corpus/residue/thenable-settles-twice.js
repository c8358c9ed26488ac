// Settles a thenable twice, once after the event.
// expect: no residue
if (payload.first) {
  return {
    then(resolve, reject) {
      resolve(1);
      Promise.resolve().then(() => (resolve("left"), reject("left"), console.log("left")));
    },
  };
}
return Promise.resolve("mine");
