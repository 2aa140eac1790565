//! Desktop notifications: at most one for each subject, whose later ones replace it.
//!
//! A [`Notifier`] belongs to the UI thread, which never waits: a notification for which there is no room in the channel is
//! not shown. On Linux and the BSDs the thread `notify` passes them on to the notification service; on other systems
//! there are none.

use crossbeam_channel::{Receiver, Sender};

#[cfg(all(unix, not(target_os = "macos")))]
mod service;

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Number of the subject. A notification replaces an earlier one with the same subject.
    pub subject: u64,
    /// The first line.
    pub summary: String,
    /// The text below it, which may be empty.
    pub body: String,
    /// Ask for the desktop's sound of a new message.
    pub sound: bool,
}

/// An order of the window.
#[derive(Debug)]
#[cfg_attr(not(all(unix, not(target_os = "macos"))), expect(dead_code, reason = "nothing takes an order"))]
enum Order {
    Show(Notification),
    /// Remove the notification about this subject.
    Withdraw(u64),
}

/// A message from the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The user has clicked on the notification about this subject.
    Clicked(u64),
    /// The notification was not shown: no service is there, or it does not answer.
    NotShown(Notification),
}

/// The way to the notification service. Its thread starts with the first notification.
#[derive(Debug, Default)]
pub struct Notifier {
    running: Option<(Sender<Order>, Receiver<Report>)>,
}

impl Notifier {
    /// Shows a notification, or gives it back if that is impossible here.
    ///
    /// # Errors
    /// The service is missing or does not keep up.
    pub fn show(&mut self, notification: Notification) -> Result<(), Notification> {
        if self.running.is_none() {
            self.running = start();
        }
        let Some((orders, _)) = &self.running else { return Err(notification) };
        orders.try_send(Order::Show(notification.clone())).map_err(|_| notification)
    }

    /// Removes the notification about a subject, if there is one.
    pub fn withdraw(&self, subject: u64) {
        if let Some((orders, _)) = &self.running
            && orders.try_send(Order::Withdraw(subject)).is_err()
        {
            log::debug!("a notification stays, because the service does not keep up");
        }
    }

    /// Takes a report, if there is one.
    pub fn try_report(&self) -> Option<Report> {
        self.running.as_ref()?.1.try_recv().ok()
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn start() -> Option<(Sender<Order>, Receiver<Report>)> {
    /// Maximum number of orders on their way to the service, and of reports on their way back.
    const WAITING_MAX: usize = 32;
    let (orders, taken) = crossbeam_channel::bounded(WAITING_MAX);
    let (reports, reported) = crossbeam_channel::bounded(WAITING_MAX);
    let thread = std::thread::Builder::new().name("notify".into());
    match thread.spawn(move || service::run(&taken, &reports)) {
        Ok(_) => Some((orders, reported)),
        Err(error) => {
            log::warn!("there are no notifications: {error}");
            None
        }
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn start() -> Option<(Sender<Order>, Receiver<Report>)> {
    None
}
