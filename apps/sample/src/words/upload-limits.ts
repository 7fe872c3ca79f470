const megabytes = 50;

/** One file and nothing else. */
export const uploadLimits = { fileSize: megabytes * 1024 * 1024, files: 1, fields: 0, parts: 1 };

export const fileTooLarge = `the file is larger than ${megabytes} MB`;
