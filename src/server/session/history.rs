//! Answering PAST and FIND: in the asking client's own thread, so that nobody else waits for the disk.
//!
//! An answer can be large, and many can be asked for at once. So each is written in parts, and each part when the
//! client has read most of what came before it: then only the one that asks waits, and nobody is ended for reading
//! slowly.

use std::thread;
use std::time::Duration;

use super::Session;
use crate::protocol::{ErrorCode, Rejected, ServerLine, Stamp};
use crate::server::delivery::batch::Batch;
use crate::server::storage::history::{Answer, History, QueryState};

/// Bytes of an answer that are left for the client at once, and that may wait before more is left.
const PART: usize = 64 * 1024;

/// How often a client that is slow is looked at.
const TICK: Duration = Duration::from_millis(5);

impl Session<'_> {
    /// Answers `PAST <stamp> <count>`.
    pub(super) fn answer_past(&mut self, before: Stamp, count: usize) -> Result<(), Rejected> {
        let answer = self.look_up(|history, asker, said| history.past(asker, said, before, count))?;
        self.send_answer("PAST", &answer, |from, text| ServerLine::Past { from, text });
        Ok(())
    }

    /// Answers `FIND <words>`.
    pub(super) fn answer_find(&mut self, words: &str) -> Result<(), Rejected> {
        let answer = self.look_up(|history, asker, said| history.find(asker, said, words))?;
        self.send_answer("FIND", &answer, |from, text| ServerLine::Found { from, text });
        Ok(())
    }

    fn look_up(
        &mut self,
        ask: impl FnOnce(&History, &mut QueryState, u64) -> Result<Answer, Rejected>,
    ) -> Result<Answer, Rejected> {
        // What this client itself has just said is a part of the past too. And while this thread waits, others shall
        // not.
        self.flush();
        match &self.shared.history {
            Some(history) => ask(history, &mut self.asker, self.shared.registry.remembered()),
            None => Err(Rejected::new(ErrorCode::Unavailable, "this server has no messages from before")),
        }
    }

    fn send_answer<'m>(&mut self, of: &str, answer: &'m Answer, line: impl Fn(&'m str, &'m str) -> ServerLine<'m>) {
        let part = PART.min(self.shared.config.backlog_max / 4);
        let mut lines = Batch::default();
        let mut bytes = 0;
        for message in &answer.messages {
            lines.add_past(&line(message.from(), message.text()), message.stamp);
            bytes += message.text().len();
            if bytes >= part {
                self.send_part(&mut lines, part);
                bytes = 0;
            }
        }
        self.send_part(&mut lines, part);
        self.answer(&ServerLine::End { of, more: answer.more });
    }

    /// Leaves lines about the past for the client, when it has read most of what it got before.
    fn send_part(&mut self, lines: &mut Batch, part: usize) {
        // The drain thread sees to it that this ends: a client that takes nothing is ended.
        while self.client.outbox.backlog() > part && self.client.disconnect_reason().is_none() {
            thread::park_timeout(TICK);
        }
        if !lines.is_empty() {
            // Whoever asks for the past needs its stamps, to ask for what was before that.
            self.claims.push(self.client, lines.chunk(true));
            self.claims.deliver();
            lines.clear();
        }
    }
}
