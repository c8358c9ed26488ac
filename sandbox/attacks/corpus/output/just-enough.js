// Returns exactly as much as it may.
// expect: returned "éééééééééééééééééééééééééééééé"
// limits: output_bytes=62
return "é".repeat(30);
