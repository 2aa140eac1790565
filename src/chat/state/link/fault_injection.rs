//! Fault injection: disturbs the user's own connection to show what happens, and sends raw lines. Runs on the UI
//! thread; the connection's threads do the work.

use super::Link;
use crate::client::{Fault, NotSent};
const NOT_CONNECTED: &str = "Connect first: there is no connection";

impl Link {
    /// Toggles a fault.
    pub(crate) fn toggle_fault(&mut self, fault: Fault) -> Result<(), &'static str> {
        let session = self.online().ok_or(NOT_CONNECTED)?;
        session.connection.set_fault(fault, !self.is_fault_active(fault));
        Ok(())
    }

    /// Returns whether a fault is active.
    pub fn is_fault_active(&self, fault: Fault) -> bool {
        self.session.as_ref().is_some_and(|session| session.connection.fault_injection().is_on(fault))
    }

    /// Aborts the connection without a BYE, as if this computer had lost power.
    pub(crate) fn abort(&mut self) -> Result<(), &'static str> {
        self.session.as_mut().ok_or(NOT_CONNECTED)?.connection.abort();
        self.retry = None;
        Ok(())
    }

    /// Sends bytes as they are. The server's answer has no label, so it is about none of the user's messages.
    pub fn send_raw(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        let session = self.session.as_ref().ok_or(NOT_CONNECTED)?;
        session.connection.send_raw(bytes).map_err(|why| match why {
            NotSent::Busy => "Too much is waiting to be sent: try again in a moment".into(),
            NotSent::Ended | NotSent::NotALine => NOT_CONNECTED.into(),
        })
    }

    /// Returns the active faults, in words.
    pub(crate) fn faults_in_words(&self) -> Option<String> {
        self.session.as_ref()?.connection.fault_injection().summary()
    }

    /// Returns whether other faults are active than at the last call.
    pub(crate) fn faults_have_changed(&mut self) -> bool {
        let active_faults = self.faults_in_words();
        std::mem::replace(&mut self.active_faults, active_faults.clone()) != active_faults
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::chat::state::Chat;

    #[test]
    fn without_a_connection_nothing_is_tried_and_that_is_said() {
        let mut chat = Chat::default();
        assert!(chat.link.send_raw(b"WHO\n".to_vec()).unwrap_err().starts_with("Connect first"));
        chat.toggle_fault(Fault::Flood);
        assert!(chat.status().1.starts_with("Connect first"), "{}", chat.status().1);
        chat.talks.remark("");
        chat.abort(Instant::now());
        assert!(chat.status().1.starts_with("Connect first"), "{}", chat.status().1);
    }
}
