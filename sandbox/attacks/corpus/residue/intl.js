// Replaces a formatter, and asks for one in another language first.
// expect: no residue
if (payload.first) {
  new Date().toLocaleString("de", { timeZone: "Asia/Tokyo" });
  Intl.DateTimeFormat = 1;
} else {
  return [new Date().toLocaleString(), new Intl.DateTimeFormat().resolvedOptions().timeZone];
}
