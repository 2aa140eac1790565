#!/usr/bin/env python3
"""The two ends of script/book.

    script/lib/book.py gather FOLDER    copies the pages of book/SUMMARY.md, and every file that they link to, into FOLDER
    script/lib/book.py check FOLDER     makes a page of every source file in the finished book, and checks every link

A page keeps its place relative to the others, so its links are the same in the book as on a forge. What a link may not lead to is
an address in the network: those are not looked at.
"""

import html
import html.parser
import os
import re
import shutil
import sys
import urllib.parse

SUMMARY = "book/SUMMARY.md"
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: +(\S+)|<img src=\"([^\"]+)\"", re.M)


def local(link):
    """Returns the path and the fragment of a link, or None if it leads into the network."""
    parts = urllib.parse.urlsplit(link)
    return None if parts.scheme or parts.netloc else (urllib.parse.unquote(parts.path), parts.fragment)


def without_code(text):
    """Returns a page without its blocks of code, in which nothing is a link."""
    return re.sub(r"^( *)```.*?^\1```", "", text, flags=re.M | re.S)


def gather(folder):
    """Copies everything."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    summary = open(SUMMARY, encoding="utf-8").read()
    pages = re.findall(r"\]\(([^)]+)\)", summary)
    shutil.copy(SUMMARY, folder)
    for page in pages:
        text = open(page, encoding="utf-8").read()
        copy(page, folder)
        for found in LINK.finditer(without_code(text)):
            target = local(next(filter(None, found.groups())))
            path = target and target[0] and os.path.normpath(os.path.join(os.path.dirname(page), target[0]))
            if path and os.path.isfile(path):
                if path.endswith(".md") and path not in pages:
                    sys.exit(f"{page} links to {path}, which {SUMMARY} does not have")
                copy(path, folder)


def copy(path, folder):
    """Copies a file to the same place."""
    os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
    shutil.copy(path, os.path.join(folder, path))


class Page(html.parser.HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def source_page(path, style):
    """Writes a page with the lines of a source file."""
    lines = html.escape(open(path, encoding="utf-8").read()).splitlines()
    numbered = "\n".join(f'<span id="{n}">{n:4}</span>  {line}' for n, line in enumerate(lines, 1))
    name = os.path.basename(path)
    with open(path + ".html", "w", encoding="utf-8") as page:
        page.write(f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{name}</title>'
                   f"<style>{style}</style><h1>{name}</h1><pre>{numbered}</pre></html>\n")


STYLE = "body{margin:2em;color-scheme:light dark;font-family:sans-serif}h1{font-size:1.2em}span{opacity:.5;user-select:none}"


def check(folder):
    """Makes the pages of the sources, and checks all pages."""
    def source(found):
        return f'href="{found[1]}.html"' if local(found[1]) else found[0]

    names = [os.path.join(place, name) for place, _, files in os.walk(folder) for name in files]
    for name in names:
        if name.endswith(".rs"):
            source_page(name, STYLE)
    pages = [name for name in names if name.endswith(".html") and not name.endswith(".rs.html")]
    for name in pages:
        text = open(name, encoding="utf-8").read()
        with open(name, "w", encoding="utf-8") as page:
            # mdBook names the page of a README.md index.html, but leaves the links to it.
            text = re.sub(r'href="([^":]*)README\.html', r'href="\1index.html', text)
            page.write(re.sub(r'href="([^"]+\.(?:rs|toml|sh|py))"', source, text))
    for name in names:
        if name.endswith((".toml", ".sh", ".py")):
            source_page(name, STYLE)

    parsed = {}
    def page_of(path):
        if path not in parsed:
            parsed[path] = Page(open(path, encoding="utf-8").read())
        return parsed[path]

    wrong = []
    for name in pages:
        # The page for a link that leads nowhere, and all pages in one, have the links of other places.
        if os.path.basename(name) in ("404.html", "print.html", "toc.html"):
            continue
        for link in page_of(name).links:
            target = local(link)
            if target is None:
                continue
            path = os.path.normpath(os.path.join(os.path.dirname(name), target[0])) if target[0] else name
            path = os.path.join(path, "index.html") if os.path.isdir(path) else path
            if not os.path.isfile(path):
                wrong.append(f"{name}: {link}: there is no such file")
            elif target[1] and path.endswith(".html") and target[1] not in page_of(path).anchors:
                wrong.append(f"{name}: {link}: there is no such heading")
    print("\n".join(sorted(set(wrong))) or f"{len(pages)} pages, every link leads somewhere")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("gather", "check"):
        sys.exit(__doc__)
    {"gather": gather, "check": check}[sys.argv[1]](sys.argv[2])
