/** Whether a URL names a store that lives in its process, so that no other process can reach it. */
export const isEmbedded = (url: string): boolean => /^\s*memory:/i.test(url);
