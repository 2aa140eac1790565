//! The options of the server: reads and writes the config file, and changes the running server.
//!
//! Runs on the server worker's thread. A change is first checked, then tried on the running server, and only then written: what
//! the server does not take does not get into the file.

use super::{RunningServer, WorkerThread};
use crate::monitor::hints::with_hint;
use crate::monitor::messages::Reply;
use crate::options::{Key, Options, Overview, Source, Value};
use crate::server::{Config, EventKind, Listen};

impl WorkerThread {
    /// Reads the config file again and returns what comes of all options; the error is for the operator.
    pub(super) fn read_options(&mut self) -> Result<Config, String> {
        self.options.read().map_err(|error| error.to_string())?;
        self.config(&self.options)
    }

    /// Reads the config file, the certificate and the password again, and changes the running server.
    pub(super) fn reload(&mut self, run: Option<&mut RunningServer>) {
        let (config, problem) = match self.read_options() {
            Ok(config) => (Some(config), None),
            Err(why) => (None, Some(why)),
        };
        if let Some(why) = &problem {
            self.sink.report(EventKind::NotReconfigured { why: why.clone() });
        }
        if let (Some(run), Some(config)) = (run, config) {
            // The event tells of an error.
            let _ = run.reconfigure(&config);
            self.send_options(Some(run), problem);
        } else {
            self.send_options(None, problem);
        }
    }

    /// Sets options in the config file, and changes the running server.
    pub(super) fn set_options(&mut self, run: Option<&mut RunningServer>, changes: &[(Key, Option<Value>)]) {
        let mut run = run;
        match self.try_to_set(run.as_deref_mut(), changes) {
            Ok(()) => {
                if changes.iter().any(|(key, _)| *key == Key::Listen) && !self.line_has_address() {
                    self.entered = None;
                }
                self.send_options(run.as_deref(), None);
            }
            Err(why) => {
                let keys = changes.iter().map(|(key, _)| *key).collect();
                self.send(Reply::OptionsRefused { keys, why });
            }
        }
    }

    fn try_to_set(&mut self, run: Option<&mut RunningServer>, changes: &[(Key, Option<Value>)]) -> Result<(), String> {
        let before = self.config(&self.options)?;
        let new = self.options.with(changes).map_err(|error| error.to_string())?;
        let after = self.config(&new)?;
        let Some(run) = run else {
            return self.options.change(changes).map_err(|error| error.to_string());
        };
        run.reconfigure(&after)?;
        self.options.change(changes).map_err(|error| {
            // It worked a moment ago.
            let _ = run.reconfigure(&before);
            error.to_string()
        })
    }

    /// Puts the addresses that the operator has entered into the config file.
    pub(super) fn remember(&mut self, listen: Listen) {
        if let Err(error) = self.options.change(&[(Key::Listen, Some(Value::Text(listen.to_string())))]) {
            log::warn!("the address is not remembered: {error}");
        }
        self.entered = (listen != self.options.listen()).then_some(listen);
    }

    fn line_has_address(&self) -> bool {
        self.options.get(Key::Listen).1 == Source::CommandLine
    }

    /// Tells the window the options as they are now.
    pub(super) fn send_options(&self, run: Option<&RunningServer>, problem: Option<String>) {
        let waiting = run.map(|run| run.waiting(&self.options)).unwrap_or_default();
        self.send(Reply::Options(Box::new(Overview::of(&self.options, problem, waiting))));
    }

    fn config(&self, options: &Options) -> Result<Config, String> {
        let mut config = options.config().map_err(|error| error.to_string())?;
        // As long as the program runs, it is stronger than the command line, and than a file that could not be written.
        if let Some(entered) = &self.entered {
            config.listen.clone_from(entered);
        }
        Ok(config)
    }
}

impl RunningServer {
    /// Changes the running server; the error is for the operator.
    fn reconfigure(&mut self, config: &Config) -> Result<(), String> {
        let changes = self.server.reconfigure(config).map_err(|error| with_hint(&error))?;
        self.waiting = changes.waiting.into_iter().filter_map(Key::named).collect();
        Ok(())
    }

    /// Returns the options that wait for another start of the server.
    fn waiting(&self, options: &Options) -> Vec<Key> {
        let mut waiting = options.pending(&self.started_with);
        // A rule can wait, too, if its means are missing: TLS, or the list of members.
        waiting.extend(&self.waiting);
        waiting.sort_unstable();
        waiting.dedup();
        waiting
    }
}

#[cfg(test)]
mod tests;
