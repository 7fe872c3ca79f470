/** Bounds that are checked before any parsing, so that a hostile message costs little. */
export interface MessageLimits {
  /** Largest body in bytes as it travels, and largest encoded result. Default 1 MiB. */
  readonly maxBytes: number;
  /** Largest body in bytes after decompression. Default 10 MiB. */
  readonly maxDecompressedBytes: number;
  /** Deepest nesting of arrays and objects in a body, headers or a result. Default 64. */
  readonly maxDepth: number;
}

export const defaultMessageLimits: MessageLimits = {
  maxBytes: 1024 * 1024,
  maxDecompressedBytes: 10 * 1024 * 1024,
  maxDepth: 64,
};
