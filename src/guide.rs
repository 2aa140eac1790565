//! The pages beside the tour. Each is a file of the repository, included here so that the documentation has all of them.

/// The ladder: eleven small programs, each a step further than the one before.
pub mod ladder {
    #![doc = include_str!("../examples/README.md")]
}

/// A plan for reading the core in five sittings, with questions and answers.
pub mod reading {
    #![doc = include_str!("../docs/reading.md")]
}

/// Exercises, each with the test that a solution must pass.
pub mod exercises {
    #![doc = include_str!("../docs/exercises.md")]
}

/// Reasons for a thread per client, in comparison with an event loop and a broker; with figures.
pub mod why_threads {
    #![doc = include_str!("../docs/why-threads.md")]
}

/// The questions that more than one server would raise.
pub mod many_machines {
    #![doc = include_str!("../docs/many-machines.md")]
}

/// The words of this program, and those of other programs and books.
pub mod glossary {
    #![doc = include_str!("../docs/glossary.md")]
}
