/** Windows as bench.v1.Window, and back. */
export { type DecodedWindow, decodeWindow, phaseFromWire, readWindow } from './window-reader.ts';
export { encodeWindow, phaseToWire } from './window-writer.ts';
export { WireError } from './wire-reader.ts';
