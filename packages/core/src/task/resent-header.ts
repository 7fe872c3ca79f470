/** Header of a message that was parked and sent again: how often. */
export const resentHeader = 'lovage_resent';
