/**
 * One part of a multipart/form-data body. A piece is text with one character for each byte of UTF-8, or whatever the
 * caller joins to such text later.
 */
export interface MultipartPart<Piece> {
  /** Escaped by {@link dispositionValue}, as is the file's name. */
  readonly name: Piece;
  /** Only a part with a file name is a file. */
  readonly filename: Piece | undefined;
  readonly contentType: string | undefined;
  readonly content: Piece;
}

/** The name of a field or a file, as it stands between quotes (HTML Standard, multipart/form-data encoding algorithm). */
export function dispositionValue(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

/**
 * A multipart/form-data body (RFC 7578), in pieces: whoever calls joins them.
 * @param boundary at most 70 letters, digits, `-` or `_` (RFC 2046, 5.1.1) that no part contains
 */
export function multipartPieces<Piece>(parts: readonly MultipartPart<Piece>[], boundary: Piece): (string | Piece)[] {
  const pieces = parts.flatMap(({ name, filename, contentType, content }) => [
    '--',
    boundary,
    '\r\nContent-Disposition: form-data; name="',
    name,
    ...(filename === undefined ? [] : ['"; filename="', filename]),
    contentType === undefined ? '"\r\n\r\n' : `"\r\nContent-Type: ${contentType}\r\n\r\n`,
    content,
    '\r\n',
  ]);
  return [...pieces, '--', boundary, '--\r\n'];
}

/** The header that goes with such a body, in pieces. */
export function multipartContentType<Piece>(boundary: Piece): (string | Piece)[] {
  return ['multipart/form-data; boundary=', boundary];
}
