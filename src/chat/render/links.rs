//! Links in what people write: where they are, and which host they lead to. Pure; runs on any thread.
//!
//! The text is searched as it is *shown*, after [`escape`](crate::protocol::escape::escape), so that exactly the
//! visible address is opened. Only `http` and `https` are links: the user should not have to know what a click on
//! `file:`, `javascript:` and their like would do.

use std::ops::Range;

/// Returns the bytes of each link in the text, in order.
pub(crate) fn links(text: &str) -> Vec<Range<usize>> {
    find(text, |before| {
        let ends_with = |scheme: &str| {
            let at = before.len().checked_sub(scheme.len())?;
            let same = before.get(at..)?.eq_ignore_ascii_case(scheme);
            // It must not be the end of another scheme. Letters beyond ASCII are in no scheme: 看http://a is a link.
            (same && !before[..at].ends_with(|c: char| c.is_ascii_alphanumeric())).then_some(at)
        };
        ends_with("http").or_else(|| ends_with("https"))
    })
}

/// Returns the bytes of each address in the text, with any scheme, in order.
pub(crate) fn addresses(text: &str) -> Vec<Range<usize>> {
    // RFC 3986, section 3.1.
    let in_a_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    find(text, |before| {
        let at = before.trim_end_matches(in_a_scheme).len();
        (at < before.len()).then_some(at)
    })
}

/// Returns each address with a host. `scheme` finds where the scheme begins in the text before a `://`.
fn find(text: &str, scheme: impl Fn(&str) -> Option<usize>) -> Vec<Range<usize>> {
    const SEPARATOR: &str = "://";
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = text[from..].find(SEPARATOR) {
        let (earlier, at) = (from, from + at);
        from = at + SEPARATOR.len();
        let Some(start) = scheme(&text[earlier..at]).map(|start| earlier + start) else { continue };
        // Without a host it is no address, and its end is not looked for: that may be far away, again and again.
        let is_path = |c: char| matches!(c, '/' | '?' | '#' | '\\') || ends_a_link(c);
        let path = text[from..].find(is_path).map_or(text.len(), |path| from + path);
        if host(&text[start..path]).is_empty() {
            continue;
        }
        let end = start + length(&text[start..]);
        if !host(&text[start..end]).is_empty() {
            found.push(start..end);
            from = end;
        }
    }
    found
}

/// Returns the length of the link at the beginning of the text, without the punctuation of the sentence around it.
fn length(text: &str) -> usize {
    let mut link = text.find(ends_a_link).map_or(text, |end| &text[..end]);
    // (see https://example.org/a_(b)) ends with one bracket of its own, and one of the sentence. Brackets are counted once:
    // somebody may send thousands.
    let mut surplus = [('(', ')'), ('[', ']'), ('{', '}')].map(|(opens, closes)| {
        let opened = link.matches(opens).count();
        (closes, link.matches(closes).count().saturating_sub(opened))
    });
    while let Some(last) = link.chars().next_back() {
        let is_left_over = match surplus.iter_mut().find(|(closes, _)| *closes == last) {
            Some((_, left @ 1..)) => {
                *left -= 1;
                true
            }
            Some(_) => false,
            None => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’'),
        };
        if !is_left_over {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link.len()
}

/// Returns whether a link ends before this character: spaces, quotes, angle brackets, and the punctuation of
/// languages that put no space after it. Browsers copy an address with those percent-encoded; letters, marks and
/// dashes of every script may stand in one as they are (RFC 3987).
fn ends_a_link(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '`' | '«' | '»' | '‹' | '›' | '“'..='‟' | '…' | '\u{200b}'
            // Armenian, Arabic, Indian, Tibetan, Burmese, Ethiopian and Khmer.
            | '։' | '،' | '؛' | '؟' | '۔' | '।' | '॥' | '་'..='༔' | '၊' | '။' | '፠'..='፨' | '។'..='៖'
            // Chinese, Japanese and Korean: ordinary, vertical, small, full and half width.
            | '、'..='〃' | '〈'..='】' | '〔'..='〟' | '〰' | '〽' | '︐'..='︙' | '︰'..='﹒' | '﹔'..='﹞'
            | '！'..='／' | '：'..='＠' | '［'..='｀' | '｛'..='･')
}

/// Returns the host to which a browser would connect: after the last `@`, before the port and the path.
fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or("", |(_, rest)| rest);
    // Browsers treat a backslash as a slash.
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or("");
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[').and_then(|six| six.split_once(']')) {
        Some((six, _)) => six,
        None => host.split(':').next().unwrap_or(""),
    }
}

/// Describes a link to a user who is about to click it: the host comes first, since everything before an `@` is only
/// a name. Letters beyond ASCII, which may look like others, are shown as their code points.
pub fn destination(link: &str) -> String {
    let plain = |c: char| if c.is_ascii() { String::from(c) } else { format!("<U+{:04X}>", u32::from(c)) };
    format!("{}, by {link}", host(link).chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        links(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_link_ends_where_its_sentence_goes_on() {
        for (text, link) in [
            ("http://example.org", "http://example.org"),
            ("see https://example.org/a?b=c#d, please", "https://example.org/a?b=c#d"),
            ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
            ("\"https://example.org/\".", "https://example.org/"),
            ("HTTPS://Example.org!", "HTTPS://Example.org"),
            ("读 https://例子.example/路径。", "https://例子.example/路径"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("[{(http://a/{b}[c](d))}].", "http://a/{b}[c](d)"),
            ("http:///http://a", "http://a"),
            ("http://@a/", "http://@a/"),
        ] {
            assert_eq!(found(text), [link], "{text}");
        }
        let brackets = ")".repeat(100_000);
        assert_eq!(found(&format!("http://a{brackets}")), ["http://a"]);
        for nothing in ["http:///", "http://:"] {
            assert_eq!(found(&nothing.repeat(10_000)), [""; 0]);
        }
        assert_eq!(found("http://a.example http://b.example"), ["http://a.example", "http://b.example"]);
    }

    #[test]
    fn a_link_is_found_beside_letters_that_need_no_space() {
        for (text, link) in [
            ("请看https://example.org/a 谢谢", "https://example.org/a"),
            ("見てhttp://example.org", "http://example.org"),
            ("링크http://example.org", "http://example.org"),
            ("ดูhttps://example.org/ ครับ", "https://example.org/"),
            ("смотриhttps://example.org/", "https://example.org/"),
        ] {
            assert_eq!(found(text), [link], "{text}");
        }
    }

    #[test]
    fn punctuation_of_every_script_ends_a_link() {
        let ends = "」』）】》〉〕］｝。，、；：！？「『（【《〈〔［｛｡､｢｣〜…،؛؟۔।॥።፣។„”“’‹›«»\u{3000}\u{200b}";
        for end in ends.chars() {
            let text = format!("「https://example.org/路径{end}后面");
            // A single apostrophe within an address belongs to it.
            let link = if end == '’' { &text["「".len()..] } else { "https://example.org/路径" };
            assert_eq!(found(&text), [link], "{end}");
            assert_eq!(found(&format!("https://example.org/a{end}")), ["https://example.org/a"], "{end}");
        }
        assert_eq!(
            found("https://en.example/Michelson–Morley_(a)/Müller·é\u{301}"),
            ["https://en.example/Michelson–Morley_(a)/Müller·é\u{301}"]
        );
    }

    #[test]
    fn nothing_but_http_and_https_is_a_link() {
        for text in
            ["file:///etc/passwd", "javascript:alert(1)", "www.example.org", "http://", "xhttp://a", "http:// a"]
        {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_was_written_out_by_escaping_is_no_part_of_a_link() {
        let shown = crate::protocol::escape::escape("https://example.org/\u{202e}gpj.exe").into_owned();
        assert_eq!(found(&shown), ["https://example.org/"]);
    }

    #[test]
    fn the_destination_names_the_host_that_is_really_asked() {
        for (link, host) in [
            ("https://bank.example@evil.example/login", "evil.example, "),
            ("https://bank.example\\@evil.example", "bank.example, "),
            ("http://evil.example:80/bank.example", "evil.example, "),
            // A Cyrillic а.
            ("https://b\u{430}nk.example/", "b<U+0430>nk.example, "),
            ("http://[::1]:8080/x", "::1, "),
        ] {
            assert!(destination(link).starts_with(host), "{}", destination(link));
            assert!(destination(link).ends_with(link));
        }
    }
}
