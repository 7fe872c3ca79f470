/** Where the definitions of the tasks come from that every worker has. */
export const builtinSource = 'Lovage';
