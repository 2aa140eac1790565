//! The severity of a status, by which a window chooses its colour. Plain data, which the models of both windows use; the
//! colours are in `ui/status.rs`.

/// Severity of a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Nothing is going on.
    #[default]
    Idle,
    /// Something is under way.
    Busy,
    /// All is well.
    Good,
    /// Something needs attention.
    Warn,
    /// Something failed, or has a severe consequence.
    Error,
}
