//! Beside the tour: exercises, and two essays. The texts are files in `docs/`; this module shows them with the rest.

/// What to do, with the tests that a solution must pass.
pub mod exercises {
    #![doc = include_str!("../docs/exercises.md")]
}

/// Why a thread per client, and not an event loop or a broker; with figures.
pub mod why_threads {
    #![doc = include_str!("../docs/why-threads.md")]
}

/// What it would take to have more than one server.
pub mod many_machines {
    #![doc = include_str!("../docs/many-machines.md")]
}
