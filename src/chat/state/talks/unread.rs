//! Unread messages: where they begin, and how often they mention the user. A window counts what arrives while it has
//! no focus.
//!
//! Each window with a conversation has a tracker of its own. Runs on the UI thread.

use super::message_log::{Entry, Kind, MessageLog, Position, Splice};
use crate::chat::render::mentions::mentions;
use crate::chat::state::ignore::{IgnoredNames, Treatment};

/// The part of one log that the user of one window has not seen.
#[derive(Debug, Default)]
pub struct UnreadTracker {
    /// Position up to which the log was scanned.
    scanned: Position,
    is_focused: bool,
    /// Private conversation: every message counts as a mention.
    is_private: bool,
    /// The first entry that arrived while the window had no focus. The view draws the mark for new messages above it.
    pub first_new: Option<Position>,
    /// The user has seen it since; the next one that arrives without focus replaces it.
    was_seen: bool,
    /// Number of messages that arrived while the window had no focus.
    unread: u64,
    /// Number of times that the user was mentioned or addressed privately meanwhile.
    mentions: u64,
    /// Texts were deleted since both were counted.
    is_outdated: bool,
}

impl UnreadTracker {
    /// Returns a tracker for a private conversation, in which every message counts as a mention.
    pub fn private() -> UnreadTracker {
        UnreadTracker { is_private: true, ..UnreadTracker::default() }
    }

    /// Scans new entries that are not hidden, and records whether the window has the focus.
    pub fn notice(&mut self, log: &MessageLog, ignored: &IgnoredNames, me: &str, is_focused: bool) {
        if is_focused {
            (self.unread, self.mentions) = (0, 0);
            self.was_seen = true;
        }
        if std::mem::take(&mut self.is_outdated) && self.unread > 0 {
            self.count_again(log, ignored, me);
        }
        for (position, entry) in log.positions_since(self.scanned) {
            // An entry that came just as the window got the focus is not drawn yet, so both ticks count as seen.
            if is_focused || self.is_focused || !is_said(entry, me) || ignored.treatment(entry) != Treatment::Show {
                continue;
            }
            if self.first_new.is_none() || std::mem::take(&mut self.was_seen) {
                self.first_new = Some(position);
            }
            self.was_seen = false;
            self.unread += 1;
            self.mentions += u64::from(self.is_private || is_for(entry, me));
        }
        self.scanned = log.end();
        self.is_focused = is_focused;
    }

    /// Counts what is left after texts were deleted.
    fn count_again(&mut self, log: &MessageLog, ignored: &IgnoredNames, me: &str) {
        let (mut unread, mut mentions) = (0, 0);
        let counted = log.positions_since(self.first_new.unwrap_or(self.scanned));
        for (_, entry) in counted.take_while(|(at, _)| *at < self.scanned) {
            if is_said(entry, me) && ignored.treatment(entry) == Treatment::Show {
                unread += 1;
                mentions += u64::from(self.is_private || is_for(entry, me));
            }
        }
        (self.unread, self.mentions) = (self.unread.min(unread), self.mentions.min(mentions));
        if self.unread == 0 {
            self.first_new = None;
        }
    }

    /// Moves the positions after a splice. Backfilled entries do not count as new.
    pub fn splice(&mut self, splice: &Splice) {
        self.is_outdated |= splice.is_in_place();
        self.scanned = splice.moved(self.scanned);
        self.first_new = self.first_new.map(|first_new| splice.moved(first_new));
    }

    /// Returns the number of messages that arrived while the window had no focus.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Returns how often the user was mentioned or addressed privately meanwhile.
    pub fn mentions(&self) -> u64 {
        self.mentions
    }
}

/// Returns a window title, preceded by a count unless that is 0.
pub fn counted(count: u64, title: &str) -> String {
    if count == 0 { title.to_owned() } else { format!("({count}) {title}") }
}

/// Returns whether the entry is a live message of another person, or a gap that may contain one. Joins and leaves do
/// not count.
fn is_said(entry: &Entry, me: &str) -> bool {
    match &entry.kind {
        Kind::Message { from, earlier, .. } => !earlier && from != me,
        Kind::Announcement { earlier, .. } => !earlier,
        Kind::Private { .. } | Kind::Gap { .. } => true,
        _ => false,
    }
}

/// Returns whether the entry mentions the user, or is for the user alone.
fn is_for(entry: &Entry, me: &str) -> bool {
    match &entry.kind {
        Kind::Message { text, .. } | Kind::Announcement { text, .. } => !mentions(text, me).is_empty(),
        Kind::Private { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Stage {
        log: MessageLog,
        tracker: UnreadTracker,
    }

    fn stage() -> Stage {
        let mut stage = Stage::default();
        stage.look();
        stage
    }

    impl Stage {
        fn say(&mut self, from: &str, text: &str) {
            self.settle(Kind::Message { from: from.into(), text: text.into(), earlier: false });
        }

        fn settle(&mut self, kind: Kind) {
            self.log.settle(None, kind);
        }

        fn look(&mut self) {
            self.tracker.notice(&self.log, &IgnoredNames::default(), "bob", true);
        }

        fn look_away(&mut self) {
            self.tracker.notice(&self.log, &IgnoredNames::default(), "bob", false);
        }
    }

    #[test]
    fn nothing_is_new_to_somebody_who_looks() {
        let mut stage = stage();
        stage.say("ann", "hi bob");
        stage.look();
        assert_eq!((stage.tracker.first_new, stage.tracker.mentions), (None, 0));
    }

    #[test]
    fn what_is_said_while_one_looks_away_is_marked_and_counted() {
        let mut stage = stage();
        stage.say("ann", "seen");
        stage.look();
        stage.look_away();
        stage.settle(Kind::Joined("carl".into()));
        stage.say("ann", "where is everybody?");
        stage.look_away();
        assert_eq!((stage.tracker.first_new, stage.tracker.mentions), (Some(2), 0));
        stage.say("ann", "Bob?");
        stage.look_away();
        stage.say("ann", "BOB!");
        stage.settle(Kind::Private { from: "ann".into(), text: "psst".into() });
        stage.look_away();
        assert_eq!((stage.tracker.first_new, stage.tracker.mentions), (Some(2), 3));
        assert_eq!((stage.tracker.unread(), counted(stage.tracker.mentions(), "bob").as_str()), (4, "(3) bob"));
    }

    #[test]
    fn looking_again_resets_the_count_and_keeps_the_mark_until_there_is_other_news() {
        let mut stage = stage();
        stage.look_away();
        stage.say("ann", "bob?");
        stage.look_away();
        stage.look();
        assert_eq!((stage.tracker.first_new, stage.tracker.mentions), (Some(0), 0));
        assert_eq!((stage.tracker.unread(), counted(stage.tracker.mentions(), "bob").as_str()), (0, "bob"));
        stage.say("ann", "there you are");
        stage.look();
        stage.look_away();
        assert_eq!(stage.tracker.first_new, Some(0), "as long as nothing has been said");
        stage.say("ann", "gone again?");
        stage.look_away();
        stage.say("ann", "hm");
        stage.look_away();
        assert_eq!(stage.tracker.first_new, Some(2));
    }

    #[test]
    fn what_one_says_oneself_and_what_is_past_are_no_news() {
        let mut stage = stage();
        stage.look_away();
        stage.say("bob", "I am bob");
        stage.settle(Kind::Message { from: "ann".into(), text: "bob".into(), earlier: true });
        stage.settle(Kind::Notice("bob".into()));
        stage.look_away();
        assert_eq!((stage.tracker.first_new, stage.tracker.mentions), (None, 0));
    }

    #[test]
    fn what_is_loaded_of_the_past_moves_the_mark_and_is_no_news() {
        let mut stage = stage();
        stage.say("ann", "seen");
        stage.look();
        stage.look_away();
        stage.say("ann", "new");
        stage.look_away();
        let older = Entry { at: None, kind: Kind::Announcement { text: "bob!".into(), earlier: false } };
        stage.log.splice(1, 1, vec![older.clone(), older]);
        for splice in stage.log.take_splices() {
            stage.tracker.splice(&splice);
        }
        stage.look_away();
        assert_eq!((stage.tracker.first_new, stage.tracker.mentions), (Some(1), 0));
    }

    #[test]
    fn in_a_private_talk_everything_calls() {
        let mut stage = Stage { tracker: UnreadTracker::private(), ..Stage::default() };
        stage.look_away();
        stage.say("ann", "are you there?");
        stage.look_away();
    }
}
