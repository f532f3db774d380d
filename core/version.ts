/** As in package.json. */
export const VERSION = '0.1.0';

/** The version of the protocol between agents and control; raised when the two sides would misunderstand each other. */
export const PROTOCOL_VERSION = 5;
/** The version of the interface between plugins and this program (core/plugin.ts, core/script): raised when older plugins would not work. */
export const PLUGIN_INTERFACE = 1;
