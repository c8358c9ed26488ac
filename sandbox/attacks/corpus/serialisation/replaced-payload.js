// Gets a payload that is a text which looks like a neighbour's record.
// expect: returned "R[0,[]]\u001e\"unharmed\""
// payload: "R[0,[]]\u001e\"unharmed\""
return payload;
