#include "report/html.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "report/escape.h"
#include "report/figure.h"

static const char style[] =
    ":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#f4f5f7;--line:#d5d9de;--link:#0057a8}\n"
    "@media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#14171a;--soft:#1e2226;--line:#3a4047;--link:#7fb8ff}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 auto;padding:1rem;max-width:76rem}\n"
    "h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:.95rem;margin:.2rem 0;font-weight:600}\n"
    "a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}\n"
    ".panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1rem}\n"
    "figure{margin:0;border:1px solid var(--line);border-radius:6px;padding:.5rem;break-inside:avoid}\n"
    "svg{width:100%;height:auto;display:block}\n"
    ".key{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:.5rem 0;list-style:none}\n"
    ".key span{display:inline-block;width:.9em;height:.9em;border-radius:2px;background:var(--c);margin-right:.4em;vertical-align:-.1em}\n"
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px}\n"
    "table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;width:100%}\n"
    "th,td{padding:.25rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}\n"
    "th{background:var(--soft);vertical-align:bottom}th.k,td.k{text-align:left}td small{display:block;opacity:.75}\n"
    "th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}\n"
    "th[aria-sort=ascending] button::after{content:' \\2191'}th[aria-sort=descending] button::after{content:' \\2193'}\n"
    ".heat{fill:#0072b2}@media(prefers-color-scheme:dark){.heat{fill:#8cc8f0}}.frame{fill:none;stroke:var(--line)}figcaption{font-size:.85rem}figcaption ol{margin:.2rem 0;padding-left:1.4rem}\n"
    "code,pre{font:.85rem/1.5 ui-monospace,monospace}pre{background:var(--soft);padding:.7rem;overflow-x:auto;border-radius:6px;white-space:pre-wrap}\n"
    ".findings li{margin:.3rem 0}.warn{border-left:4px solid #d55e00;padding-left:.8rem}\n"
    "@media print{body{max-width:none;padding:0;font-size:11pt}.scroll{overflow:visible;border:0}table{font-size:7pt}.panels{grid-template-columns:1fr 1fr}.screen{display:none}}\n";

static const char script[] =
    "document.querySelectorAll('table.sortable').forEach(function(table){\n"
    "var heads=[].slice.call(table.tHead.rows[0].cells);\n"
    "heads.forEach(function(head,at){var button=document.createElement('button');button.type='button';\n"
    "while(head.firstChild)button.appendChild(head.firstChild);head.appendChild(button);\n"
    "button.addEventListener('click',function(){var down=head.getAttribute('aria-sort')==='ascending';\n"
    "heads.forEach(function(other){other.removeAttribute('aria-sort')});head.setAttribute('aria-sort',down?'descending':'ascending');\n"
    "var body=table.tBodies[0],rows=[].slice.call(body.rows);\n"
    "function value(row){return row.cells[at].getAttribute('data-v')}\n"
    "rows.sort(function(a,b){var x=value(a),y=value(b),n=Number(x),m=Number(y);\n"
    "if(x===''||y==='')return(x==='')-(y==='');\n"
    "var order=isNaN(n)||isNaN(m)?x.localeCompare(y,undefined,{numeric:true}):n-m;return down?-order:order});\n"
    "rows.forEach(function(row){body.appendChild(row)})})})});\n";

static void put(FILE *file, const char *text) { pid_escape_write(file, PID_ESCAPE_HTML, text); }

void pid_html_begin(FILE *file)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>", file);
}

void pid_html_begin_body(FILE *file)
{
    fputs("</title>\n<style>\n", file);
    fputs(style, file);
    pid_figure_write_style(file);
    fputs("</style></head>\n<body>\n<main>\n<h1>", file);
}

void pid_html_end(FILE *file)
{
    fprintf(file, "</main>\n<script>\n%s</script>\n</body></html>\n", script);
}

/* A shell word as it would be typed. */
static void write_word(FILE *file, const char *word)
{
    bool plain = *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%") == strlen(word);
    if (plain) put(file, word);
    else {
        fputs("&#39;", file);
        while (*word) {
            char part[256]; /* up to the next quote; a code point that does not fit comes with the next part */
            size_t length = 0, step;
            for (; word[length] && word[length] != '\''; length += step) {
                pid_utf8_next(word + length, SIZE_MAX, &step);
                if (length + step >= sizeof part) break;
            }
            memcpy(part, word, length);
            part[length] = '\0';
            put(file, part);
            word += length;
            if (*word == '\'') {
                fputs("&#39;\\&#39;&#39;", file);
                word++;
            }
        }
        fputs("&#39;", file);
    }
}

void pid_html_history(FILE *file, const struct pid_header *header)
{
    if (!header->stage_count) return;
    fputs("<h2>How it was made</h2>\n<pre>", file);
    for (size_t i = 0; i < header->stage_count; i++) {
        const struct pid_stage *stage = &header->history[i];
        fputs(i ? " |\n  " : "", file);
        write_word(file, stage->program);
        for (size_t j = 0; j < stage->argument_count; j++) {
            putc(' ', file);
            write_word(file, stage->arguments[j]);
        }
        fprintf(file, " --seed %" PRIu64, stage->seed);
    }
    fputs("</pre>\n<p>", file);
    for (size_t i = 0; i < header->stage_count; i++) {
        fputs(i ? ", " : "", file);
        put(file, header->history[i].program);
        putc(' ', file);
        put(file, header->history[i].version);
    }
    fputs("</p>\n", file);
}
