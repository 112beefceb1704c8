//! What branding plugins return is shown to a reseller's customers, so nothing of it is believed: markup keeps words and
//! plain structure, a logo keeps shapes, a colour is a colour.

use std::collections::{HashMap, HashSet};

use ammonia::Builder;
use nexusport_sandbox::branding::{Document, Message, Theme};

const LOGO_BYTES: usize = 64 * 1024;

/// A theme whose every field can be put into a page; an error says what cannot.
pub fn theme(mut theme: Theme) -> Result<Theme, String> {
    for (name, colour) in [
        ("primary", &theme.primary),
        ("accent", &theme.accent),
        ("background", &theme.background),
        ("text", &theme.text),
    ] {
        if !is_colour(colour) {
            return Err(format!(
                "the theme's {name} colour is not a # with six hexadecimal digits"
            ));
        }
    }
    if theme.logo_svg.len() > LOGO_BYTES {
        return Err(format!(
            "the theme's logo has {} bytes, the limit is {LOGO_BYTES}",
            theme.logo_svg.len()
        ));
    }
    theme.logo_svg = svg(&theme.logo_svg);
    Ok(theme)
}

/// A document whose markup can be put into a page.
pub fn document(mut document: Document) -> Document {
    document.intro_html = html(&document.intro_html);
    document.footer_html = html(&document.footer_html);
    document
}

/// A mail whose markup can be shown.
pub fn message(mut message: Message) -> Message {
    message.html = html(&message.html);
    message
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Text with plain structure. No images: fetching one would tell a stranger who reads.
fn html(markup: &str) -> String {
    Builder::default()
        .rm_tags(["img", "map", "area"])
        .url_schemes(HashSet::from(["https", "mailto"]))
        .clean(markup)
        .to_string()
}

/// Elements of a logo.
const SHAPES: [&str; 12] = [
    "svg", "g", "path", "circle", "rect", "ellipse", "line", "polyline", "polygon", "title", "text", "tspan",
];

/// The first element of a logo that would not be shown, such as `<image`.
pub fn foreign_to_a_logo(markup: &str) -> Option<String> {
    let elements = markup.split('<').skip(1).map(|after| {
        let name = after.strip_prefix('/').unwrap_or(after);
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        &name[..end]
    });
    let mut foreign = elements.filter(|name| !name.is_empty() && !SHAPES.contains(name));
    foreign.next().map(|name| format!("<{name}"))
}

/// Shapes alone: no script, no style, no animation, no reference out of the document or into it.
fn svg(markup: &str) -> String {
    const ATTRIBUTES: [&str; 42] = [
        "xmlns",
        "viewBox",
        "width",
        "height",
        "d",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "dx",
        "dy",
        "points",
        "transform",
        "fill",
        "fill-rule",
        "fill-opacity",
        "clip-rule",
        "opacity",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-opacity",
        "font-size",
        "font-family",
        "font-weight",
        "text-anchor",
        "letter-spacing",
        "dominant-baseline",
        "preserveAspectRatio",
        "role",
        "aria-label",
    ];
    let cleaned = Builder::empty()
        .tags(HashSet::from(SHAPES))
        .clean_content_tags(HashSet::from(["script", "style", "foreignObject"]))
        .tag_attributes(HashMap::new())
        .generic_attributes(HashSet::from(ATTRIBUTES))
        .attribute_filter(|_, _, value| {
            (!value.to_ascii_lowercase().contains("url(")).then_some(value.into())
        })
        .clean(markup)
        .to_string();
    if cleaned.trim_start().starts_with("<svg") {
        cleaned
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits() {
        assert!(is_colour("#00ffAA"));
        for bad in ["", "#fff", "red", "#00ffag", "#00ffaa;}", "00ffaa"] {
            assert!(!is_colour(bad), "{bad}");
        }
    }

    #[test]
    fn markup_keeps_words_and_structure_and_nothing_that_acts() {
        assert_eq!(html("<p>Hello <b>you</b></p>"), "<p>Hello <b>you</b></p>");
        let bad = "<p onclick=x()>a<script>b</script><img src=//e.example/1><a href='javascript:c'>d</a><iframe></iframe></p>";
        let cleaned = html(bad);
        for trace in ["script", "onclick", "img", "iframe", "e.example"] {
            assert!(!cleaned.contains(trace), "{trace} in {cleaned}");
        }
    }

    #[test]
    fn a_logo_keeps_its_shapes() {
        let logo = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z" fill="#123456"></path></svg>"##;
        assert_eq!(svg(logo), logo);
    }

    #[test]
    fn a_logo_loses_everything_else() {
        let logo = r##"<svg xmlns="http://www.w3.org/2000/svg" onload="a()"><script>b()</script><style>c</style>
            <image href="https://e.example/d"/><use href="#e"/><a href="javascript:f()"><rect fill="url(//e.example/g)"/></a>
            <foreignObject><p>h</p></foreignObject><animate/></svg>"##;
        let cleaned = svg(logo);
        for trace in [
            "onload",
            "script",
            "style",
            "image",
            "e.example",
            "use",
            "href",
            "foreign",
            "animate",
        ] {
            assert!(!cleaned.contains(trace), "{trace} in {cleaned}");
        }
        assert!(cleaned.starts_with("<svg"), "{cleaned}");
    }

    #[test]
    fn what_a_logo_would_lose_is_named() {
        assert_eq!(
            foreign_to_a_logo("<?xml version=\"1.0\"?><!-- a --><svg><g><path/></g></svg>"),
            None
        );
        assert_eq!(
            foreign_to_a_logo("<svg><image href=\"a\"/></svg>").as_deref(),
            Some("<image")
        );
    }

    #[test]
    fn what_is_no_logo_is_none() {
        assert_eq!(svg("<p>not a logo</p>"), "");
        assert_eq!(svg(""), "");
    }
}
