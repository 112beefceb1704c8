//! Components that no compiler would make: written as text, or made from a core module that only claims to be a pricing
//! plugin.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// A component that exports something under the name of the pricing interface, to get as far as the compiler.
pub fn named_pricing(inside: &str, exported: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component {inside} (export "nexusport:plugin/pricing@0.1.0" (instance {exported})))"#
    ))
}

/// A pricing plugin of these fields and this body of `price`; its `describe` traps.
pub fn pricing(fields: &str, price: &str) -> Vec<u8> {
    let mut module = wat(&format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
            (func (export "nexusport:plugin/pricing@0.1.0#describe") (result i32) unreachable)
            (func $price (export "nexusport:plugin/pricing@0.1.0#price")
                (param i64 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                {price})
            {fields})"#
    ));
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/v0"))
        .unwrap();
    let world = resolve.select_world(&[package], Some("pricing-plugin")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .unwrap()
}

/// Instances each of which holds the one before so many times: a name a level in the file, and as many instances as
/// `copies` to the power of `levels` for whoever follows them.
pub fn bags(levels: usize, copies: usize) -> Vec<u8> {
    let mut text = String::from("(instance $i0)");
    for level in 1..=levels {
        let _ = write!(text, "(instance $i{level}");
        for copy in 0..copies {
            let _ = write!(text, r#" (export "c{copy}" (instance $i{}))"#, level - 1);
        }
        text.push(')');
    }
    named_pricing(&text, &format!("$i{levels}"))
}

/// A function of so many locals and nested loops, each of which changes all locals: small to send, long to compile.
pub fn loops(locals: usize, loops: usize) -> Vec<u8> {
    let mut body = String::new();
    for number in 0..loops {
        let _ = write!(
            body,
            "(loop $l{number} (br_if $l{number} (local.get {}))",
            number % locals
        );
    }
    for local in 0..locals {
        let next = (local + 1) % locals;
        let _ = write!(
            body,
            "(local.set {local} (i32.add (local.get {local}) (local.get {next})))"
        );
    }
    body.push_str(&")".repeat(loops));
    let locals = "i32 ".repeat(locals);
    pricing(
        &format!("(func $long (local {locals}) {body})"),
        "call $long unreachable",
    )
}

/// A component around a core module of so many functions of so many locals each: some bytes a function.
pub fn functions(count: u32, locals: u32) -> Vec<u8> {
    let body = [&[1][..], &leb(locals), &[0x7f, 0x0b]].concat();
    let bodies = [leb(body.len() as u32), body].concat().repeat(count as usize);
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, 1, &[0x60, 0, 0]),
        section(3, count, &vec![0; count as usize]),
        section(10, count, &bodies),
    ]
    .concat();
    [
        b"\0asm\x0d\0\x01\0\x01".to_vec(),
        leb(module.len() as u32),
        module,
    ]
    .concat()
}

fn section(id: u8, count: u32, items: &[u8]) -> Vec<u8> {
    let content = [&leb(count), items].concat();
    [vec![id], leb(content.len() as u32), content].concat()
}

fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A component of a core module with these fields, instantiated so often.
pub fn module(fields: &str, instances: usize) -> Vec<u8> {
    let instances = "(core instance (instantiate $m))".repeat(instances);
    wat(&format!("(component (core module $m {fields}) {instances})"))
}

/// A jump table over blocks of many results: 9 kB that took 12 s and 5.8 GiB.
pub fn jumps(blocks: usize, results: usize) -> Vec<u8> {
    let (mut body, mut targets) = (String::new(), String::new());
    for number in 0..blocks {
        let _ = write!(body, "(block $b{number} (type $many)");
        let _ = write!(targets, "$b{number} ");
    }
    let values = "(i32.const 0)".repeat(results);
    let ends = ")".repeat(blocks);
    let _ = write!(body, "{values} (i32.const 0) (br_table {targets}) {ends}");
    let types = "i32 ".repeat(results);
    pricing(
        &format!("(type $many (func (result {types}))) (func $long (type $many) {body})"),
        &format!("(call $long) {} unreachable", "drop ".repeat(results)),
    )
}

/// A component with so many imports of long names.
pub fn imports(count: usize) -> Vec<u8> {
    let mut text = String::from("(component");
    for number in 0..count {
        let _ = write!(
            text,
            r#" (import "evil:n{number}/{}" (instance))"#,
            "x".repeat(200)
        );
    }
    wat(&(text + ")"))
}
