// Replaces what reads the payloads.
// expect: no residue
if (payload.first) JSON.parse = () => "left";
else return [JSON.parse("1"), payload];
