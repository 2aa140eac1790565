//! Rung 5: a chat.

mod exercises;

use super::{Rung, chat};
use crate::check::Check;

pub(super) const RUNG: Rung = Rung {
    number: 5,
    name: "rung05_broadcast",
    title: "a chat as everybody first writes it: to all, under the lock",
    readme: include_str!("../../rung05_broadcast/README.md"),
    checks: &[
        Check {
            name: "newcomers see who is here, and are announced",
            heading: "The list is a fold",
            run: chat::joining,
        },
        Check { name: "what one says all others hear", heading: "To all but one", run: chat::talking },
        Check {
            name: "who leaves is announced, and the name is free",
            heading: "The guard says BYE",
            run: chat::leaving,
        },
        Check {
            name: "all hear all lines in the same order",
            heading: "One lock, one order",
            run: |stage| chat::one_order(stage, 500),
        },
        Check {
            name: "every line comes whole",
            heading: "Answers, too",
            run: |stage| chat::whole_lines(stage, 24 << 20),
        },
    ],
    exercises: exercises::EXERCISES,
};
