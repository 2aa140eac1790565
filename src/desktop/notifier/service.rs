//! The thread `notify`: shows notifications through the service of the desktop, and waits for clicks on them.
//!
//! It owns the connection to the bus. After an error, such as an answer that does not come, it drops the connection and
//! opens another one for the next notification (<https://specifications.freedesktop.org/notification-spec/latest/>).

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::{Notification, Order, Report};
use crate::desktop::bus::wire::Value;
use crate::desktop::bus::{Bus, Message, Object};

/// The notification service.
const SERVICE: Object = Object {
    owner: "org.freedesktop.Notifications",
    path: "/org/freedesktop/Notifications",
    interface: "org.freedesktop.Notifications",
};

/// Maximum time for an answer. The bus may have to start the service first.
const ANSWER: Duration = Duration::from_secs(3);
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

fn show(service: &mut Option<Service>, notification: &Notification) -> io::Result<()> {
    let service = match service {
        Some(service) => service,
        None => service.insert(Service::connect()?),
    };
    service.show(notification)
}

/// A connection to the service.
struct Service {
    bus: Bus,
    /// Subjects of the notifications that are shown, and the service's numbers for them.
    shown: Vec<(u64, u32)>,
    /// The service reads markup in the body of a notification.
    reads_markup: bool,
    /// The service reports clicks.
    has_actions: bool,
}

impl Service {
    fn connect() -> io::Result<Service> {
        let mut bus = Bus::session()?;
        bus.subscribe(&format!("type='signal',sender='{}',interface='{}'", SERVICE.owner, SERVICE.interface))?;
        let answer = bus.call(SERVICE, "GetCapabilities", vec![], Instant::now() + ANSWER)?;
        let capabilities = match answer.into_iter().next() {
            Some(Value::Array(_, capabilities)) => capabilities,
            _ => Vec::new(),
        };
        let has = |capability: &str| capabilities.iter().any(|value| value.text() == Some(capability));
        Ok(Service { bus, shown: Vec::new(), reads_markup: has("body-markup"), has_actions: has("actions") })
    }

    fn show(&mut self, notification: &Notification) -> io::Result<()> {
        let Notification { subject, summary, body, sound } = notification;
        let body = if self.reads_markup { escape_markup(body) } else { body.clone() };
        let actions: &[&str] = if self.has_actions { &[CLICK, "Show"] } else { &[] };
        let sound = if *sound {
            Value::entry("sound-name", "message-new-instant".into())
        } else {
            Value::entry("suppress-sound", Value::Bool(true))
        };
        let hints =
            vec![Value::entry("category", "im.received".into()), Value::entry("urgency", Value::Byte(1)), sound];
        let replaced = self.number(*subject).unwrap_or_default();
        let values = vec![
            "multichat".into(),
            replaced.into(),
            // No icon of the desktop's.
            "".into(),
            summary.as_str().into(),
            body.as_str().into(),
            Value::Array("s", actions.iter().map(|text| Value::from(*text)).collect()),
            Value::Array("{sv}", hints),
            // The service decides how long it is shown.
            Value::Int(-1),
        ];
        let answer = self.bus.call(SERVICE, "Notify", values, Instant::now() + ANSWER)?;
        let number = answer.first().and_then(Value::number);
        let number = number.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "it returns no number"))?;
        self.shown.retain(|(shown, _)| shown != subject);
        self.shown.push((*subject, number));
        Ok(())
    }

    /// Returns the service's number for the notification about a subject, if it is shown.
    fn number(&self, subject: u64) -> Option<u32> {
        self.shown.iter().find(|(shown, _)| *shown == subject).map(|(_, number)| *number)
    }

    fn withdraw(&mut self, subject: u64) -> io::Result<()> {
        let Some(number) = self.number(subject) else { return Ok(()) };
        self.shown.retain(|(shown, _)| *shown != subject);
        match self.bus.call(SERVICE, "CloseNotification", vec![number.into()], Instant::now() + ANSWER) {
            // An answer that says that it is gone already.
            Err(error) if error.kind() == ErrorKind::Other => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Waits for a signal for a moment.
    fn listen(&mut self, reports: &Sender<Report>) -> io::Result<()> {
        match self.bus.next(Some(Instant::now() + LISTEN)) {
            Ok(signal) => self.on_signal(&signal, reports),
            Err(error) if error.kind() == ErrorKind::TimedOut => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn on_signal(&mut self, signal: &Message, reports: &Sender<Report>) {
        let number = signal.body.first().and_then(Value::number);
        let Some((subject, _)) = self.shown.iter().find(|(_, shown)| Some(*shown) == number).copied() else { return };
        match signal.member.as_str() {
            "ActionInvoked" if signal.body.get(1).and_then(Value::text) == Some(CLICK) => {
                let _ = reports.try_send(Report::Clicked(subject));
            }
            "NotificationClosed" => self.shown.retain(|(shown, _)| *shown != subject),
            _ => {}
        }
    }
}

/// Escapes text in which the service would read markup.
fn escape_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
