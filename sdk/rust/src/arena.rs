//! The guest's allocator: it moves a mark through an arena that is part of the module's zeroed memory and frees nothing,
//! since an instance lives for one call. A small call therefore never grows its memory, which is what lets the
//! host run guests on many threads at once: growing takes a lock that all of a process's memory shares.
//!
//! The one place of this crate with `unsafe` of its own.
#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::memory_grow;
use core::cell::{Cell, UnsafeCell};
use core::ptr;

/// Enough for the calls that are usual; a larger one grows its memory.
const FIRST_BYTES: usize = 1 << 20;
/// At least this much more each time, so that a large call grows seldom.
const GROWTH_BYTES: usize = 1 << 20;
const PAGE_BYTES: usize = 1 << 16;

#[global_allocator]
static ARENA: Arena = Arena {
    next: Cell::new(0),
    end: Cell::new(0),
};

static FIRST: First = First(UnsafeCell::new([0; FIRST_BYTES]));

#[repr(align(16))]
struct First(UnsafeCell<[u8; FIRST_BYTES]>);

/// Addresses: what is free lies from `next` up to `end`. Both are 0 before the first allocation.
struct Arena {
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: a guest has one thread.
unsafe impl Sync for First {}
unsafe impl Sync for Arena {}

// SAFETY: each block is cut from memory that this allocator alone owns, lies between `next` and `end`, and `next` moves
// past it, so that no two blocks overlap; the one block that changes its size in place is the last before `next`.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.cut(layout.size(), layout.align()).unwrap_or(ptr::null_mut())
    }

    /// Memory starts zeroed and is never used twice.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.cut(layout.size(), layout.align()).unwrap_or(ptr::null_mut())
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return block;
        }
        if self.extend(block.addr(), layout.size(), size) {
            return block;
        }
        let Some(moved) = self.cut(size, layout.align()) else {
            return ptr::null_mut();
        };
        // SAFETY: both blocks are live and apart, and the old one is the smaller.
        unsafe { ptr::copy_nonoverlapping(block, moved, layout.size()) };
        moved
    }
}

impl Arena {
    fn cut(&self, size: usize, align: usize) -> Option<*mut u8> {
        if self.end.get() == 0 {
            self.open(FIRST.0.get().addr(), FIRST_BYTES);
        }
        if let Some(block) = self.cut_here(size, align) {
            return Some(block);
        }
        self.grow(size.checked_add(align)?)?;
        self.cut_here(size, align)
    }

    fn cut_here(&self, size: usize, align: usize) -> Option<*mut u8> {
        let start = self.next.get().checked_next_multiple_of(align)?;
        let end = start.checked_add(size).filter(|end| *end <= self.end.get())?;
        self.next.set(end);
        Some(ptr::with_exposed_provenance_mut(start))
    }

    /// Makes the last block larger where it lies: what a growing vector asks for.
    fn extend(&self, start: usize, old_size: usize, size: usize) -> bool {
        let is_last = start + old_size == self.next.get();
        match start
            .checked_add(size)
            .filter(|end| is_last && *end <= self.end.get())
        {
            Some(end) => {
                self.next.set(end);
                true
            }
            None => false,
        }
    }

    fn grow(&self, size: usize) -> Option<()> {
        let pages = size.max(GROWTH_BYTES).div_ceil(PAGE_BYTES);
        let old_pages = memory_grow::<0>(pages);
        if old_pages == usize::MAX {
            return None;
        }
        let start = old_pages * PAGE_BYTES;
        if start == self.end.get() {
            self.end.set(start + pages * PAGE_BYTES);
        } else {
            self.open(start, pages * PAGE_BYTES);
        }
        Some(())
    }

    fn open(&self, start: usize, size: usize) {
        self.next.set(start);
        self.end.set(start + size);
    }
}
