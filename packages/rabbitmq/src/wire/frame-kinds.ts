/** First byte of a frame. */
export const frameKinds = { method: 1, header: 2, body: 3 } as const;
/** Last byte of each frame. */
export const frameEnd = 0xce;
/** Bytes before the payload: kind, channel, length. */
export const frameHeadBytes = 7;
/** Bytes of a header frame before the properties: class, weight, length of the body. */
export const contentHeadBytes = 12;
/** Class of all that is done with messages. */
export const basicClass = 60;
/** Class and method. */
export const methods = { publish: (basicClass << 16) | 40, deliver: (basicClass << 16) | 60 } as const;
