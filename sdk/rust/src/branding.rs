//! Brands: what a customer sees. Everything returned is data and small markup, which the host cleans before anyone sees it.

pub use crate::About;
pub use crate::bindings::exports::nexusport::plugin::branding::{
    Description, Document, DocumentRequest, Guest as Branding, Label, Message, MessageRequest, Theme, Value,
};

/// A label for one of the host's keys.
pub fn label(key: &str, text: &str) -> Label {
    Label {
        key: key.to_owned(),
        text: text.to_owned(),
    }
}

/// The value of that name, or nothing.
pub fn value<'v>(values: &'v [Value], name: &str) -> &'v str {
    values
        .iter()
        .find(|value| value.name == name)
        .map_or("", |value| &value.value)
}

/// Makes text safe to stand in markup.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Each value that has a text, a line of `name: value` for it.
pub fn lines(values: &[Value]) -> String {
    shown(values)
        .map(|value| format!("{}: {}\n", value.name, value.value))
        .collect()
}

/// The same as a list in markup.
pub fn list_html(values: &[Value]) -> String {
    let items: String = shown(values)
        .map(|value| format!("<li>{}: {}</li>", escape(&value.name), escape(&value.value)))
        .collect();
    if items.is_empty() {
        items
    } else {
        format!("<ul>{items}</ul>")
    }
}

fn shown(values: &[Value]) -> impl Iterator<Item = &Value> {
    values.iter().filter(|value| !value.value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_bring_markup_of_its_own() {
        assert_eq!(
            escape("<b title='x'>&\"</b>"),
            "&lt;b title=&#39;x&#39;&gt;&amp;&quot;&lt;/b&gt;"
        );
    }

    #[test]
    fn values_are_listed_without_the_empty_ones() {
        let value = |name: &str, value: &str| Value {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let values = [value("port", "<7>"), value("note", "")];
        assert_eq!(lines(&values), "port: <7>\n");
        assert_eq!(list_html(&values), "<ul><li>port: &lt;7&gt;</li></ul>");
        assert_eq!(list_html(&values[1..]), "");
    }
}
