//! The thread `notify`: shows notifications through the service of the desktop, and waits for clicks on them.
//!
//! It owns the connection to the bus. After an error, such as an answer that does not come, it drops the connection and
//! opens another one for the next notification (<https://specifications.freedesktop.org/notification-spec/latest/>).

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError};
use dbus::arg::{PropMap, RefArg, Variant};
use dbus::blocking::Proxy;
use dbus::channel::Channel;
use dbus::{Error, Message};

use super::{Notification, Order, Report};
use crate::desktop::bus::{self, ANSWER};

/// The notification service: its name on the bus, and the interface that it offers.
const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Time to wait for a click before the next look for orders.
const LISTEN: Duration = Duration::from_millis(100);
/// Name of the action of a click on the notification itself, which the specification reserves.
const CLICK: &str = "default";

/// Carries out orders until the window is gone.
pub(super) fn run(orders: &Receiver<Order>, reports: &Sender<Report>) {
    let mut service: Option<Service> = None;
    loop {
        let listens = service.as_ref().is_some_and(|service| !service.shown.is_empty());
        // While a notification may be clicked, the wait is for the bus; otherwise it is for an order.
        let order = if listens { orders.try_recv() } else { orders.recv().map_err(TryRecvError::from) };
        let done = match order {
            Ok(Order::Show(notification)) => show(&mut service, &notification).inspect_err(|_| {
                let _ = reports.try_send(Report::NotShown(notification));
            }),
            Ok(Order::Withdraw(subject)) => service.as_mut().map_or(Ok(()), |service| service.withdraw(subject)),
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => Ok(()),
        };
        let listened = match &mut service {
            Some(service) if done.is_ok() && !service.shown.is_empty() => service.listen(reports),
            _ => Ok(()),
        };
        if let Err(error) = done.and(listened) {
            log::debug!("the notification service does not answer: {error}");
            service = None;
            // What has waited for it meanwhile would come too late.
            for order in orders.try_iter() {
                if let Order::Show(notification) = order {
                    let _ = reports.try_send(Report::NotShown(notification));
                }
            }
        }
    }
}

fn show(service: &mut Option<Service>, notification: &Notification) -> Result<(), Error> {
    let service = match service {
        Some(service) => service,
        None => service.insert(Service::connect()?),
    };
    service.show(notification)
}

/// A connection to the service.
struct Service {
    bus: Channel,
    /// Subjects of the notifications that are shown, and the service's numbers for them.
    shown: Vec<(u64, u32)>,
    /// The service reads markup in the body of a notification.
    reads_markup: bool,
    /// The service reports clicks.
    has_actions: bool,
}

impl Service {
    fn connect() -> Result<Service, Error> {
        let bus = bus::connect(&format!("type='signal',sender='{SERVICE}',interface='{SERVICE}'"))?;
        let (capabilities,): (Vec<String>,) = proxy(&bus).method_call(SERVICE, "GetCapabilities", ())?;
        let has = |capability: &str| capabilities.iter().any(|has| has == capability);
        let (reads_markup, has_actions) = (has("body-markup"), has("actions"));
        Ok(Service { bus, shown: Vec::new(), reads_markup, has_actions })
    }

    fn show(&mut self, notification: &Notification) -> Result<(), Error> {
        let Notification { subject, summary, body, sound } = notification;
        let body = if self.reads_markup { escape_markup(body) } else { body.clone() };
        let actions: &[&str] = if self.has_actions { &[CLICK, "Show"] } else { &[] };
        let (sound, value): (_, Box<dyn RefArg>) = match sound {
            true => ("sound-name", Box::new("message-new-instant".to_owned())),
            false => ("suppress-sound", Box::new(true)),
        };
        let hints: [(_, Box<dyn RefArg>); 3] =
            [("category", Box::new("im.received".to_owned())), ("urgency", Box::new(1_u8)), (sound, value)];
        let hints: PropMap = hints.into_iter().map(|(key, value)| (key.to_owned(), Variant(value))).collect();
        let replaced = self.number(*subject).unwrap_or_default();
        // No icon of the desktop's, and the service decides how long it is shown.
        let (icon, time) = ("", -1);
        let values = ("multichat", replaced, icon, summary, body, actions, hints, time);
        let (number,) = proxy(&self.bus).method_call(SERVICE, "Notify", values)?;
        self.shown.retain(|(shown, _)| shown != subject);
        self.shown.push((*subject, number));
        Ok(())
    }

    /// Returns the service's number for the notification about a subject, if it is shown.
    fn number(&self, subject: u64) -> Option<u32> {
        self.shown.iter().find(|(shown, _)| *shown == subject).map(|(_, number)| *number)
    }

    /// Removes a notification. Nobody needs the answer, which may also be that it is gone already.
    fn withdraw(&mut self, subject: u64) -> Result<(), Error> {
        let Some(number) = self.number(subject) else { return Ok(()) };
        self.shown.retain(|(shown, _)| *shown != subject);
        let mut call = Message::call_with_args(SERVICE, PATH, SERVICE, "CloseNotification", (number,));
        call.set_no_reply(true);
        self.bus.send(call).map(drop).map_err(|()| Error::new_failed("no memory"))
    }

    /// Waits for a signal for a moment.
    fn listen(&mut self, reports: &Sender<Report>) -> Result<(), Error> {
        if let Some(signal) = self.bus.blocking_pop_message(LISTEN)? {
            self.on_signal(&signal, reports);
        }
        Ok(())
    }

    fn on_signal(&mut self, signal: &Message, reports: &Sender<Report>) {
        let (number, action): (Option<u32>, Option<&str>) = signal.get2();
        let Some((subject, _)) = self.shown.iter().find(|(_, shown)| Some(*shown) == number).copied() else { return };
        match signal.member().as_deref() {
            Some("ActionInvoked") if action == Some(CLICK) => {
                let _ = reports.try_send(Report::Clicked(subject));
            }
            Some("NotificationClosed") => self.shown.retain(|(shown, _)| *shown != subject),
            _ => {}
        }
    }
}

fn proxy(bus: &Channel) -> Proxy<'static, &Channel> {
    Proxy::new(SERVICE, PATH, ANSWER, bus)
}

/// Escapes text in which the service would read markup.
fn escape_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
