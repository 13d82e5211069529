/* Text from a core, made safe for documents: XML, Markdown, and the commands that a GitHub runner reads from
 * a log.
 *
 * Each function takes any bytes and is safe by itself; names that went through hs_escape_terminal() before
 * stay as they are where the context allows it. Broken UTF-8 becomes U+FFFD everywhere, so that the document
 * is valid. One context, one function: none of them serves for another. No state: any thread. */
#ifndef HS_OUT_ESCAPE_MARKUP_H
#define HS_OUT_ESCAPE_MARKUP_H

#include "base/strbuf.h"

/* Element content of XML 1.0: markup becomes entities, what XML cannot carry (most control characters,
 * U+FFFE, U+FFFF) U+FFFD. */
void hs_escape_xml(struct hs_strbuf *out, const char *text, size_t size);
/* A quoted attribute value: also line feeds and tabs, which a parser would make spaces. */
void hs_escape_xml_attribute(struct hs_strbuf *out, const char *text, size_t size);

/* A whole Markdown code span on one line, its back-quotes included, good inside a table of GitHub's. Nothing
 * in it is a link, a mention, HTML or a column: back-quotes and pipes are written \u{60} and \u{7c}, and so
 * are characters that are invisible or control the terminal. An empty text is written as `(empty)`. */
void hs_escape_markdown_code(struct hs_strbuf *out, const char *text, size_t size);

/* Running text of Markdown, on one line: every ASCII punctuation is escaped, and a zero-width space after @,
 * # and : keeps GitHub from seeing a mention, an issue or an emoji. */
void hs_escape_markdown_text(struct hs_strbuf *out, const char *text, size_t size);

/* The message of a workflow command (after the second "::"): %, CR and LF. The runner takes the same three
 * back (actions/runner, ActionCommand.cs). */
void hs_escape_command_data(struct hs_strbuf *out, const char *text, size_t size);
/* A property of a workflow command: also : and ",". */
void hs_escape_command_property(struct hs_strbuf *out, const char *text, size_t size);

#endif
