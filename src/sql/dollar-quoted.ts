/**
 * A text as a string constant in which nothing needs to be escaped. The tag gets a number where the
 * text holds it: `$body$`, `$body2$`.
 */
export function dollarQuoted(text: string, tag: string): string {
  // `$body` at the end of the text would close the quote together with the `$` after it.
  let free = tag
  for (let number = 2; text.includes(`$${free}`); number += 1) free = `${tag}${number}`
  return `$${free}$${text}$${free}$`
}
