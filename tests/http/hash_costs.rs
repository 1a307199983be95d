//! Every failed sign-in takes as long as the most expensive password hash in use.

use std::time::Duration;

use authflow::domain::account::email::EmailAddress;
use authflow::domain::sign_in::hash_cost::HashCost;
use authflow::domain::source::Source;
use authflow::hasher::Hasher;
use authflow::services::administration::import;
use authflow::services::administration::import_file;
use authflow::services::administration::import_file::Format;
use authflow::services::audit::Actor;
use authflow::services::sign_in::hash_timing;

use super::support::*;

const WRONG: &str = "a wrong guess, surely";
/// The cost of these tests.
const TODAY: &str = "argon2id v=19 m=8 t=1 p=1";
const RAISED: &str = "argon2id v=19 m=64 t=1 p=1";

impl TestApp {
    async fn hash_costs(&self) -> Vec<String> {
        let costs = authflow::repositories::hash_costs::all(&self.app.db).await.unwrap();
        let mut costs: Vec<_> = costs.iter().map(ToString::to_string).collect();
        costs.sort();
        costs
    }

    /// How long a failed sign-in was delayed. Nothing else may have been delayed.
    #[track_caller]
    fn waited(&self) -> Duration {
        let waits = self.app.clock.take_waits();
        assert_eq!(waits.len(), 1, "{waits:?}");
        waits[0]
    }

    async fn import(&self, people: &str) {
        let read = import_file::read(people.as_bytes(), Format::Csv, self.app.languages).unwrap();
        let plan = import::plan(&self.app, read).await.unwrap();
        assert!(plan.bad.is_empty(), "{:?}", plan.bad);
        let source = Source::command_line();
        let actor = Actor { id: None, source: &source };
        import::carry_out(&self.app, actor, &plan, &|_, _| {}).await.unwrap();
    }
}

/// Longer than any hash in these tests takes, even on a slow machine.
const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn every_failed_sign_in_takes_as_long_as_the_most_expensive_hash() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    // An attacker who signed up with an address knows its unconfirmed password.
    app.browser().sign_up("pending@example.org").await;
    app.person("disabled@example.org").await;
    app.disable("disabled@example.org").await;
    app.person("locked@example.org").await;
    app.lock("locked@example.org").await;
    assert_eq!(app.hash_costs().await, [TODAY]);
    app.app.clock.take_waits();

    let tries = [
        (ADA, WRONG),
        ("nobody@example.org", WRONG),
        ("pending@example.org", WRONG),
        ("pending@example.org", PASSWORD),
        ("disabled@example.org", PASSWORD),
        ("locked@example.org", PASSWORD),
    ];
    let (browser, mut api) = (app.browser(), app.api().await);
    for (email, password) in tries {
        browser.sign_in(email, password).await.is(401);
        let waited = app.waited();
        assert!(waited < LONG, "{email} as a page: {waited:?}");
    }
    // As if this cost had been measured.
    app.app.hasher.observe("bcrypt 15".parse().unwrap(), 100 * LONG);
    for cost in [
        "INSERT INTO hash_costs (cost, noted_at) VALUES ('bcrypt 15', 0)",
        "INSERT INTO hash_costs (cost, noted_at) VALUES ('a function of a later version', 0)",
    ] {
        app.change(cost).await;
    }
    app.wait(86_400);
    for (email, password) in tries {
        browser.sign_in(email, password).await.is(401);
        let waited = app.waited();
        assert!(waited > LONG, "{email} as a page: {waited:?}");
    }
    app.wait(86_400);
    for (email, password) in tries {
        api.login(email, password).await.refuses(401, "wrong_credentials");
        let waited = app.waited();
        assert!(waited > LONG, "{email} in the API: {waited:?}");
    }
    // Neither a correct password nor a rate-limited sign-in is delayed.
    app.browser().sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    for _ in 0..5 {
        browser.sign_in("other@example.org", WRONG).await.is(401);
    }
    app.app.clock.take_waits();
    browser.sign_in("other@example.org", WRONG).await.is(429);
    assert!(app.app.clock.take_waits().is_empty());
}

#[tokio::test]
async fn a_wrong_password_at_the_confirmation_link_is_delayed_as_long() {
    let app = TestApp::start().await;
    app.browser().sign_up(ADA).await;
    let (link, scanner) = (app.mailed_path(ADA).await, app.browser());
    app.app.clock.take_waits();
    scanner.press(&link, "Confirm and sign in", &[("password", WRONG)]).await.is(401);
    app.waited();
    scanner.press(&link, "Confirm and sign in", &[("password", PASSWORD)]).await.is(303);
    assert!(app.app.clock.take_waits().is_empty());
}

#[tokio::test]
async fn costs_are_stored_with_the_hashes_and_deleted_when_no_account_uses_them() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    assert_eq!(app.hash_costs().await, [TODAY]);
    let bcrypt = bcrypt::hash(NEW_PASSWORD, 4).unwrap();
    app.import(&format!(
        "email,password_hash,verified\neve@example.org,{bcrypt},yes\nnone@example.org,,yes\n"
    ))
    .await;
    assert_eq!(app.hash_costs().await, [TODAY, "bcrypt 4"]);
    assert!(!app.app.hasher.has_measured("bcrypt 4".parse().unwrap()));
    hash_timing::measure(&app.app).await.unwrap();
    assert!(app.app.hasher.has_measured("bcrypt 4".parse().unwrap()));

    // A sign-in on a server with another cost replaces the hash.
    let raised = app
        .beside(|app| {
            let mut passwords = app.config.passwords.clone();
            passwords.argon2 = argon2::Params::new(64, 1, 1, None).unwrap();
            app.hasher = authflow::hasher::Hasher::start(&passwords).unwrap();
        })
        .await;
    raised.sign_in("eve@example.org", NEW_PASSWORD).await.goes_to("/dashboard");
    assert_eq!(app.hash_costs().await, [RAISED, TODAY, "bcrypt 4"]);
    for _ in 0..2 {
        hash_timing::take_stock(&app.app).await.unwrap();
        assert_eq!(
            app.hash_costs().await,
            [RAISED, TODAY, "bcrypt 4"],
            "the last use is stored as today"
        );
        app.wait(86_400);
    }
    hash_timing::take_stock(&app.app).await.unwrap();
    assert_eq!(app.hash_costs().await, [RAISED, TODAY]);
}

#[tokio::test]
async fn missing_costs_are_found_at_startup() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let bcrypt = bcrypt::hash(NEW_PASSWORD, 4).unwrap();
    app.import(&format!("email,password_hash\neve@example.org,{bcrypt}\n")).await;
    // A database from an earlier version.
    app.change("DELETE FROM hash_costs").await;
    hash_timing::take_stock(&app.app).await.unwrap();
    assert_eq!(app.hash_costs().await, [TODAY, "bcrypt 4"]);
    // A locked account does not count: no password is checked against its hash.
    for email in [ADA, "eve@example.org"] {
        app.lock(email).await;
    }
    app.wait(2 * 86_400);
    hash_timing::take_stock(&app.app).await.unwrap();
    assert!(app.hash_costs().await.is_empty());
}

#[tokio::test]
async fn addresses_without_a_password_cost_the_same_as_accounts() {
    let app = TestApp::start().await;
    let (today, bcrypt): (HashCost, HashCost) =
        (TODAY.parse().unwrap(), "bcrypt 4".parse().unwrap());
    let decoys = |app: &TestApp| {
        let of = |n| {
            let email = EmailAddress::parse(&format!("nobody{n}@example.org")).unwrap();
            let cost = hash_timing::decoy(&app.app, &email.key());
            assert_eq!(cost, hash_timing::decoy(&app.app, &email.key()), "a decoy is stable");
            cost
        };
        (0..200).map(of).filter(|cost| *cost == bcrypt).count()
    };
    assert_eq!(decoys(&app), 0);
    let hash = bcrypt::hash(NEW_PASSWORD, 4).unwrap();
    let people = [0, 1, 2].map(|n| format!("user{n}@example.org,{hash},yes\n")).concat();
    app.import(&format!("email,password_hash,verified\n{people}none@example.org,,yes\n")).await;
    // Before the first count, each cost in use is equally likely.
    hash_timing::measure(&app.app).await.unwrap();
    assert!((60..140).contains(&decoys(&app)), "{}", decoys(&app));
    hash_timing::take_stock(&app.app).await.unwrap();
    assert_eq!(decoys(&app), 200);
    app.person(ADA).await;
    let one_of_four = decoys(&app);
    assert!((110..190).contains(&one_of_four), "{one_of_four}");
    // Sign-ins replace the hashes, and the decoys follow.
    for n in 0..3 {
        app.browser().sign_in(&format!("user{n}@example.org"), NEW_PASSWORD).await.is(303);
    }
    assert_eq!(decoys(&app), 0);
    assert_eq!(app.app.hasher.decoy_cost(0), today);
}

#[tokio::test]
async fn a_password_check_for_an_unknown_address_does_the_work_of_its_decoy() {
    let app = TestApp::start().await;
    let cost: HashCost = "bcrypt 5".parse().unwrap();
    app.person(ADA).await;
    app.person("locked@example.org").await;
    app.lock("locked@example.org").await;
    for (email, is_decoy) in
        [("nobody@example.org", true), ("locked@example.org", true), (ADA, false)]
    {
        let hasher = Hasher::start(&app.app.config.passwords).unwrap();
        hasher.set_accounts([(cost, 1)].into());
        let browser = app.beside(|app| app.hasher = hasher.clone()).await;
        browser.sign_in(email, WRONG).await.is(401);
        assert_eq!(hasher.has_measured(cost), is_decoy, "{email}");
    }
}

#[tokio::test]
async fn every_way_to_set_a_password_stores_its_cost() {
    let app = TestApp::start().await;
    let noted = async || {
        let count = app.rows("hash_costs").await;
        app.change("DELETE FROM hash_costs").await;
        count
    };
    let browser = app.browser();
    browser.sign_up(ADA).await;
    assert_eq!(noted().await, 1, "signing up");
    let link = app.mailed_path(ADA).await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    browser.press("/profile/password", "Change password", &CHANGE).await.is(303);
    assert_eq!(noted().await, 1, "changing the password");
    let forgotten = [("email", ADA)];
    browser.press("/auth/forgot-password", "Send reset link", &forgotten).await.is(303);
    let link = app.mailed_path(ADA).await;
    let fields = [("password", PASSWORD), ("confirm_password", PASSWORD)];
    browser.press(&link, "Set password", &fields).await.is(303);
    assert_eq!(noted().await, 1, "resetting the password");
    app.api().await.register("api@example.org").await.is(202);
    assert_eq!(noted().await, 1, "signing up in the API");
}
