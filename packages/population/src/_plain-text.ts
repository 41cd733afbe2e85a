// C0 and C1 controls but the line feed and the tabulator, and what turns the direction of text: written by a stranger,
// they move cursors, change titles and hide text of whoever looks at a terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text that a terminal shows as it is: control characters become `\x1b` and the like, and the end is cut off. */
export function plainText(text: string, longest = Number.POSITIVE_INFINITY): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;
  return cut.replace(DANGEROUS, (character) => {
    const code = character.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
