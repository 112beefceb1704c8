//! The figures that authors read are those that are enforced.

use std::collections::BTreeMap;

use nexusport_sandbox::Limits;
use serde_json::Value;

const PAGE: &str = include_str!("../../../../docs/plugin-limits.md");

/// The page's rows: a limit by its name, light and heavy.
fn documented() -> BTreeMap<String, [u64; 2]> {
    let figure = |cell: &str| cell.replace(',', "").parse().unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        assert!(!cells[4].is_empty(), "{name} is not explained");
        Some((name.to_owned(), [figure(cells[2]), figure(cells[3])]))
    };
    PAGE.lines().filter_map(row).collect()
}

#[test]
fn the_page_of_limits_has_every_limit_with_its_figures() {
    let of = |limits: Limits| serde_json::to_value(limits).unwrap();
    let (light, heavy) = (of(Limits::default()), of(Limits::heavy()));
    let figure = |limits: &Value, name: &str| limits[name].as_u64().unwrap();
    let enforced: BTreeMap<String, [u64; 2]> = light
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (name.clone(), [figure(&light, name), figure(&heavy, name)]))
        .collect();
    assert_eq!(documented(), enforced);
}
