//! The tests without windows, in one program: a change is linked once, and the tests of all files share the processor.
//!
//! A file is a module, so `cargo test --test it server_order` runs the tests of one. What counts the threads, descriptors or
//! memory of its own process is a program of its own beside this folder, and so is each test of a window.

mod architecture;
mod client_chat;
mod client_history;
mod crowd;
mod discovery;
mod docs;
mod exercises;
mod fuzz_corpus;
mod ladder;
mod load_checks;
mod load_faults;
#[cfg(unix)]
mod package_macos;
mod prose;
mod server_addresses;
mod server_backlogs;
mod server_config;
mod server_deleted;
mod server_descriptors;
mod server_doing;
mod server_history;
mod server_history_crash;
mod server_history_kept;
mod server_history_trouble;
mod server_joining;
mod server_labels;
mod server_leaving;
mod server_limits;
mod server_lines;
mod server_members;
mod server_memory;
mod server_network_limits;
mod server_operator;
mod server_order;
mod server_output;
mod server_presence;
mod server_program;
mod server_reconfigure;
mod server_rejections;
mod server_reload;
#[cfg(target_os = "linux")]
mod server_service;
mod server_slow_readers;
mod server_stopping;
mod server_talking;
mod server_threads;
mod server_tls;
mod server_wire;

#[path = "../support/mod.rs"]
mod support;
