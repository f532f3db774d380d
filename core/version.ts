/** As in package.json. */
export const VERSION = '0.1.0';

/** Of the agent's session with control; raised when the two sides would misunderstand each other. */
export const PROTOCOL_VERSION = 5;
/** Of the interface between plugins and this program (core/plugin.ts, core/script): changes when older plugins would not work. */
export const PLUGIN_INTERFACE = 1;
