// Writes into its context and the variables of the workspace.
// expect: no residue
if (payload.first) context.left = 1, context.workspace.tier = "left";
else return [context.left ?? null, context.workspace];
