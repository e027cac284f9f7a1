import { parseMarkdown, safeLink } from "@shared/markdown";
import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { describe, expect, it } from "vitest";
import { Markdown } from "./Markdown";

function shown(text: string): HTMLElement {
  const place = document.createElement("div");
  flushSync(() => createRoot(place).render(createElement(Markdown, null, text)));
  return place;
}

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<iframe src=javascript:alert(1)></iframe>",
  "<a href='javascript:alert(1)'>x</a>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](%6aavascript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox(1))",
  "[x](file:///etc/passwd)",
  "[x](blob:https://x/1)",
  "![x](javascript:alert(1))",
  "![x](https://tracker.example/pixel.png)",
  "![x](data:image/svg+xml,<svg onload=alert(1)>)",
  '[x](https://x.example "onmouseover=alert(1)")',
  "[x]: javascript:alert(1)\n\n[x]",
  "<javascript:alert(1)>",
  "<https://x.example/\"onclick=alert(1)>",
  "`<script>alert(1)</script>`",
  "```html\n<script>alert(1)</script>\n```",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "&#60;img src=x onerror=alert(1)&#62;",
  "| <img src=x onerror=alert(1)> | b |\n|-|-|\n| <script>1</script> | c |",
  "- <script>alert(1)</script>\n- [ ] <img src=x onerror=1>",
  "> <style>*{display:none}</style>",
  "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
  "<form action=https://evil.example><button>Sign in</button></form>",
  "<!--[if IE]><script>alert(1)</script><![endif]-->",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "\u202egnp.exe\u202c <object data=x>",
];
const FORBIDDEN = "script,img,svg:not([class*=lucide]),iframe,object,embed,style,form,button,input,meta,link,base,math,video,audio";

describe("Markdown", () => {
  it.each(HOSTILE)("shows hostile text as text: %s", (text) => {
    const place = shown(text);
    expect([...place.querySelectorAll(FORBIDDEN)].map((one) => one.tagName)).toEqual([]);
    for (const element of place.querySelectorAll("*")) {
      const handlers = element.getAttributeNames().filter((name) => name.startsWith("on") || name === "style" || name === "srcdoc");
      expect(handlers).toEqual([]);
    }
    for (const anchor of place.querySelectorAll("a")) {
      expect(["http:", "https:", "mailto:"]).toContain(anchor.protocol);
      expect(anchor.rel).toContain("noopener");
      expect(anchor.target).toBe("_blank");
    }
  });

  it.each(HOSTILE)("as an address is refused or leads to the web: %s", (text) => {
    const link = safeLink(text);
    if (link) expect(["http:", "https:", "mailto:"]).toContain(new URL(link.href, location.href).protocol);
  });

  it("keeps the words of HTML to be read", () => {
    expect(shown("<b>bold?</b> & &lt;i&gt;").textContent).toBe("<b>bold?</b> & <i>");
  });

  it("names the host where the words say something else", () => {
    expect(shown("[https://bank.example](https://evil.example/x)").textContent).toContain("(evil.example)");
    expect(shown("<https://bank.example/x>").textContent).not.toContain("(");
  });

  it("makes a picture a link", () => {
    const anchor = shown("![the load](https://grafana.example/a.png)").querySelector("a");
    expect([anchor?.getAttribute("href"), anchor?.textContent]).toEqual(["https://grafana.example/a.png", "the load"]);
  });

  it("knows what is written in it", () => {
    const place = shown("# Disk\n\n**91 %** of `/var`\n\n1. one\n2. two\n\n- [x] done\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\n> said\n\n---\n\nline\nbreak");
    for (const selector of ["[role=heading]", "strong", "code", "ol li:nth-child(2)", "ul li", "td", "blockquote", "hr", "br"]) {
      expect(place.querySelector(selector), selector).not.toBeNull();
    }
  });

  it.each([
    ["quotes", "> ".repeat(3_000) + "x"],
    ["lists", "- ".repeat(3_000) + "x"],
    ["stars", "*a_".repeat(5_000)],
    ["brackets", "[".repeat(8_000)],
    ["links", "[x](".repeat(5_000)],
    ["a long text", "a*b_ ".repeat(40_000)],
    ["ticks", "`".repeat(20_001)],
  ])("survives %s", { timeout: 3_000 }, (_, text) => {
    expect(parseMarkdown(text).length).toBeGreaterThan(0);
  });
});
