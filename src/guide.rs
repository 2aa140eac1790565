//! Exercises and two essays, which rustdoc shows next to the tour. The texts are files in `docs/`.

/// Exercises, with the tests that a solution must pass.
pub mod exercises {
    #![doc = include_str!("../docs/exercises.md")]
}

/// The reasons for a thread per client instead of an event loop or a broker, with measurements.
pub mod why_threads {
    #![doc = include_str!("../docs/why-threads.md")]
}

/// The changes that a chat on more than one server would take.
pub mod many_machines {
    #![doc = include_str!("../docs/many-machines.md")]
}
