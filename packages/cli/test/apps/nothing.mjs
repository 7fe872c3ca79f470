export const settings = { port: 3000 };
export class Unrelated {}
