// Returns the proxy of its headers, with a header that acts.
// expect: returned {"X-One":"1"}
try { headers.toJSON = () => "left" } catch {}
delete headers.toJSON;
return headers;
