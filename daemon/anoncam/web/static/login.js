// The log-in: sends the password, and goes to the page.

const form = document.getElementById("form");
const password = document.getElementById("password");
const problem = document.getElementById("problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    const response = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ password: password.value }),
    });
    if (response.ok) {
      location.assign("/");
      return;
    }
    problem.textContent = await response.text();
  } catch {
    problem.textContent = "the device does not answer";
  }
  password.select();
});
